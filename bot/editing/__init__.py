"""The life of an edit: who may do what, drafts and their complaints, snapshots over files, publishing."""
