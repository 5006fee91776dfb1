"""`nurture init` and `nurture upgrade`: the files that an installation starts with, and its ledger."""

import shutil
from pathlib import Path

import click

import nurture
from nurture.cli.open_runtime import open_bare_runtime, upgrade_ledger
from nurture.cli.show import counted, refuse
from nurture.domain.errors import MachineError
from nurture.own_folder import close_to_others
from nurture.secret_keys import begin_with_new_key

_FOLDERS = ("config", "templates")


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def init(directory: Path) -> None:
    """Make a home in DIR: config/ and templates/ to change at will. Files that are there already stay."""
    package = Path(nurture.__file__).parent
    # An installed copy carries the files to start with; in a checkout they stand beside the package.
    source = package / "_home" if (package / "_home").is_dir() else package.parent
    present = [name for name in _FOLDERS if (directory / name).exists()]
    if present:
        refuse(f"{directory} already has {' and '.join(present)}, so nothing was written. Choose an empty folder.")
    _lay_out(source, directory)
    click.echo(f"A home is in {directory}. Make it yours in config/nurture.toml, then: cd {directory} && nurture up")


@click.command()
@click.option(
    "--new-key",
    is_flag=True,
    help="Go on with the secret key that is set now, because the old one is lost for good. Links already mailed stay "
    "dead. Stop everything else first.",
)
def upgrade(*, new_key: bool) -> None:
    """Bring the ledger to this version's tables. Safe to run again."""
    runtime = open_bare_runtime()
    close_to_others(runtime.settings.var)
    click.echo(f"The ledger is at revision {upgrade_ledger(runtime, new_key=new_key)}.")
    if new_key:
        lost = begin_with_new_key(runtime.database, runtime.signing)
        click.echo(f"It goes on with the key that is set now. Links already mailed stay dead{_unknown(lost)}.")


def _unknown(lost: int) -> str:
    return f", and {counted(lost, 'suppression')} without an address on record will match nobody" if lost else ""


def _lay_out(source: Path, directory: Path) -> None:
    """The folder holds a whole home, or what it held before."""
    was_there = directory.exists()
    drafts = {name: directory / f".{name}.unfinished" for name in _FOLDERS}
    try:
        for name, draft in drafts.items():
            _copy(source / name, draft)
    except OSError as error:
        for unfinished in drafts.values() if was_there else (directory,):
            shutil.rmtree(unfinished, ignore_errors=True)
        what = f"{directory} cannot be filled ({error.strerror}), so nothing was written"
        raise MachineError(f"{what}. Make room, or choose another folder.") from error
    for name, draft in drafts.items():
        draft.rename(directory / name)


def _copy(source: Path, target: Path) -> None:
    """The same files, with modes as the umask says: an installed copy may be read-only, and its owner another."""
    target.mkdir(parents=True)
    for each in source.iterdir():
        if each.is_dir():
            _copy(each, target / each.name)
        else:
            shutil.copyfile(each, target / each.name)
