"""Each library has its home, each box imports only what it may, and nothing happens when a module is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
FILES = sorted(BOT.rglob("*.py"))

BOXES: dict[str, set[str]] = {
    "errors": set(),
    "knowledge": {"errors"},
    "answering": {"errors", "knowledge"},
    "evaluation": {"errors", "knowledge", "answering"},
    "editing": {"errors", "knowledge", "evaluation"},
    "storage": {"errors", "editing"},
    "config": {"errors"},
    "operations": {"errors", "knowledge", "storage", "config"},
    "client": {
        "errors", "knowledge", "answering", "evaluation", "editing", "storage", "operations", "config", "app",
        "collector",
    },
    "terminal": {"errors", "knowledge", "answering"},
    "collector": set(),
    "compiled": {"collector"},
    "app": {"errors", "knowledge", "answering", "editing", "collector", "compiled"},
    "edits_cli": {"errors", "knowledge", "answering", "evaluation", "editing", "storage", "config", "app"},
    "running_cli": {"errors", "operations", "config", "client", "terminal", "collector"},
    "cli": {
        "errors", "knowledge", "answering", "evaluation", "editing", "storage", "operations", "config", "app", "client",
        "terminal", "edits_cli", "running_cli",
    },
    "__main__": {"cli", "collector"},
    "__init__": set(),
}  # fmt: skip
"""What each box may import, beside itself."""

HOMES: dict[str, set[str]] = {
    "yaml": {"knowledge"},
    "pydantic": {"knowledge", "config", "editing"},
    "pydantic_core": {"knowledge"},
    "pydantic_settings": {"config"},
    "rapidfuzz": {"answering"},
    "numpy": {"answering", "evaluation"},
    "tokenizers": {"answering"},
    "safetensors": {"answering"},
    "wordllama": {"answering"},
    "matplotlib": {"evaluation"},
    "scipy": {"evaluation"},
    "sklearn": {"evaluation"},
    "sqlalchemy": {"storage"},
    "alembic": {"storage"},
    "aiosqlite": {"storage"},
    "discord": {"client"},
    "aiohttp": {"client", "operations"},
    "yarl": {"client"},
    "prometheus_client": {"operations"},
    "watchfiles": {"editing"},
    "typer": {"cli", "edits_cli", "running_cli"},
    "rich": {"cli", "edits_cli", "terminal"},
}
"""Which boxes may import each third-party library; edits are validated like files, and scores are arrays."""

READS_THE_WORLD = {
    "open", "input", "print", "getenv", "now", "utcnow", "today", "time", "monotonic", "perf_counter", "read_text",
    "read_bytes", "write_text", "write_bytes", "mkdir", "iterdir", "glob", "rglob", "exists", "cwd", "home", "urandom",
    "connect", "run", "Settings", "read_settings", "serve", "locate", "load_knowledge", "load_safety", "basicConfig",
    "run_client", "Client", "Console", "create_engine", "create_async_engine", "random", "randint", "choice",
}  # fmt: skip


def box_of(path: Path) -> str:
    return path.relative_to(BOT).parts[0].removesuffix(".py")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by dots; name the whole module"
            names = [f"{node.module}.{name.name}" for name in node.names] if node.module == "bot" else [node.module]
            yield from ((node.lineno, str(name)) for name in names)


def where(path: Path, line: int, text: str) -> str:
    return f"{path.relative_to(ROOT)}:{line} {text}"


def test_every_box_has_its_rule() -> None:
    assert {box_of(path) for path in FILES} <= set(BOXES)


def test_each_box_imports_only_what_it_may() -> None:
    strays = [
        where(path, line, f"imports {name}")
        for path in FILES
        for line, name in imported(path)
        if name.split(".")[0] == "bot" and len(name.split(".")) > 1
        if name.split(".")[1] not in BOXES[box_of(path)] | {box_of(path)}
    ]
    assert strays == []


def test_each_library_stays_at_home() -> None:
    strays = [
        where(path, line, f"imports {name}")
        for path in FILES
        for line, name in imported(path)
        if (library := name.split(".")[0]) != "bot" and library not in sys.stdlib_module_names
        if box_of(path) not in HOMES.get(library, set())
    ]
    assert strays == []


def test_text_to_reply_waits_for_nothing_and_reads_no_clock() -> None:
    forbidden = {"asyncio", "random", "secrets", "time", "socket", "sqlite3", "threading", "subprocess", "os"}
    strays = [
        where(path, line, f"imports {name}")
        for path in FILES
        if box_of(path) == "answering"
        for line, name in imported(path)
        if name.split(".")[0] in forbidden
    ]
    strays += [
        where(path, node.lineno, "waits")
        for path in FILES
        if box_of(path) == "answering"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global)
    ]
    strays += [
        where(path, node.lineno, "asks the clock")
        for path in FILES
        if box_of(path) == "answering"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in {"now", "utcnow", "today"}
    ]
    assert strays == []


def at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that run when the module is imported: not those inside functions, nor behind ``__main__``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in child.decorator_list:
                yield from at_import(decorator)
            yield from (call for default in child.args.defaults for call in at_import(default))
            continue
        if isinstance(child, ast.Lambda) or (isinstance(child, ast.If) and "__main__" in ast.dump(child.test)):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from at_import(child)


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_nothing_happens_at_import() -> None:
    alembic = BOT / "storage" / "migrations"
    strays = [
        where(path, call.lineno, f"calls {called(call)}")
        for path in FILES
        if alembic not in path.parents
        for call in at_import(tree(path))
        if called(call) in READS_THE_WORLD
    ]
    strays += [
        where(path, getattr(node, "lineno", 1), "reads the environment")
        for path in FILES
        for node in ast.iter_child_nodes(tree(path))
        if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        if "id='environ'" in ast.dump(node) or "attr='environ'" in ast.dump(node)
    ]
    assert strays == []


def test_an_answer_starts_without_the_database_or_discord() -> None:
    heavy = ["discord", "sqlalchemy", "alembic", "matplotlib", "sklearn", "scipy", "aiohttp", "pydantic_settings"]
    code = f"import sys; import bot.cli, bot.app, bot.terminal; print(sorted(set({heavy}) & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stdout.strip() == "[]", ended.stderr
