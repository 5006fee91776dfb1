"""A runtime that follows its files: read anew when a file of config/ or templates/ has changed. Writes nothing."""

import os
from dataclasses import replace

from nurture.config.catalogue import load_catalogue
from nurture.config.settings import load_settings
from nurture.render.html.renderer import Renderer
from nurture.render.links import Links
from nurture.runtime import Runtime


class ReloadingRuntime:
    """Gives the runtime as the files are now; what the environment says stays as it was at the start."""

    def __init__(self, runtime: Runtime) -> None:
        self.last_good = runtime
        self._read_at = self.stamp()

    def stamp(self) -> str:
        """A word that is another one after any file was changed, added or removed."""
        home = self.last_good.settings.home
        files = [file for name in ("config", "templates") for file in (home / name).rglob("*")]
        # Editors write a new file in the old one's place: between the two there may be none.
        times = [file.stat().st_mtime_ns for file in files if file.exists()]
        return f"{max(times, default=0)}-{len(times)}"

    def runtime(self) -> Runtime:
        """The runtime of the files as they are; raises ConfigError when they cannot be used."""
        stamp = self.stamp()
        if stamp != self._read_at:
            self.last_good, self._read_at = _read_anew(self.last_good), stamp
        return self.last_good


def _read_anew(old: Runtime) -> Runtime:
    read = load_settings(os.environ | {"NURTURE_HOME": str(old.settings.home)})
    settings = replace(
        old.settings,
        clinic=read.clinic,
        brand=read.brand,
        mail=read.mail,
        web=read.web,
        private_words=read.private_words,
        visit_minutes=read.visit_minutes,
        visit_hours=read.visit_hours,
    )
    return replace(
        old,
        settings=settings,
        catalogue=load_catalogue(settings),
        renderer=Renderer(settings.templates),
        links=Links(old.links.site, old.signing),
    )
