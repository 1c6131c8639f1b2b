#!/bin/sh
# Makes a Python environment with exactly the locked dependencies, and this folder's program in it.
# usage: environment.sh FOLDER LOCK [PYTHON]
set -eu

folder=$1
lock=$2
wanted=${3:-}

new_enough() {
	"$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' > /dev/null 2>&1
}

find_python() {
	for name in ${wanted:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
		if new_enough "$name"; then
			echo "$name"
			return
		fi
	done
	echo "NextStep needs Python 3.11 or newer, and ${wanted:-none} was found here. Install it, or name it: make PYTHON=/path/to/python3.11 ..." >&2
	exit 1
}

make_folder() {
	if command -v uv > /dev/null 2>&1 && uv venv --quiet --clear --python "$1" "$folder"; then
		return
	fi
	"$1" -m venv --clear "$folder" || no_venv
}

no_venv() {
	echo "Python could not make an environment in $folder. On Debian and Ubuntu: sudo apt install python3-venv" >&2
	exit 1
}

with_uv() {
	uv pip install --quiet --python "$folder/bin/python" --require-hashes -r "$lock" &&
		uv pip install --quiet --python "$folder/bin/python" --no-deps --no-build-isolation -e .
}

with_pip() {
	"$folder/bin/python" -m pip --version > /dev/null 2>&1 || "$python" -m venv --clear "$folder" || no_venv
	"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" &&
		"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
}

echo "Making the environment in $folder (once; a minute or two) ..." >&2
python=$(find_python)
new_enough "$folder/bin/python" || make_folder "$python"
if command -v uv > /dev/null 2>&1; then
	with_uv || with_pip
else
	with_pip
fi
