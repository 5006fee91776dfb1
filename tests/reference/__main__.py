"""Writes docs/reference anew; what no page is made for is removed."""

from tests.reference.pages import FOLDER, pages

made = pages()
for file in FOLDER.glob("*.md"):
    if file.name not in made:
        file.unlink()
FOLDER.mkdir(parents=True, exist_ok=True)
for name, text in made.items():
    (FOLDER / name).write_text(text)
