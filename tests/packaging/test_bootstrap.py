"""The set-up says what is missing, and repairs what an interruption left."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import bootstrap
import checks
import environment
import launch
import pytest
import system_libraries
from set_up_error import SetUpError

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPTS = CHECKOUT / "packaging"

if TYPE_CHECKING:
    from collections.abc import Callable

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="apt is Linux'")


def test_the_first_script_is_readable_to_an_old_python() -> None:
    ast.parse((SCRIPTS / "bootstrap.py").read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("version", [(3, 8, 10), (3, 10, 13), (3, 14, 0)])
def test_another_python_is_refused_with_what_to_do(version: tuple[int, ...]) -> None:
    problem = bootstrap.version_problem(version)
    assert problem is not None
    assert f"this is {version[0]}.{version[1]}" in problem
    assert "python3.11 packaging/bootstrap.py run" in problem


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 1)])
def test_the_supported_pythons_pass(version: tuple[int, ...]) -> None:
    assert bootstrap.version_problem(version) is None


def test_without_a_word_what_to_do_is_said() -> None:
    script = [sys.executable, str(SCRIPTS / "bootstrap.py")]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "bootstrap.py run" in done.stderr


@linux_only
def test_only_the_missing_packages_are_named_each_once() -> None:
    gone = {"libxcb-cursor.so.0", "libglib-2.0.so.0", "libgthread-2.0.so.0"}
    packages = system_libraries.missing_libraries(lambda name: name not in gone)
    assert packages == ["libglib2.0-0", "libxcb-cursor0"]


@linux_only
def test_the_loader_itself_is_asked() -> None:
    assert system_libraries.loads("libc.so.6")
    assert not system_libraries.loads("libno-such-thing.so.9")


@linux_only
def test_missing_tools_are_named_for_the_running_python(tmp_path: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    nothing: Callable[[str], object] = lambda _: None  # noqa: E731
    packages = system_libraries.missing_tools(nothing, nothing, tmp_path)
    assert packages == [f"{version}-venv", f"{version}-dev", "g++"]
    (tmp_path / "Python.h").touch()
    assert system_libraries.missing_tools(str, str, tmp_path) == []


def test_without_root_the_exact_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
    with pytest.raises(SetUpError) as caught:
        system_libraries.provide(lambda: ["libegl1", "libxcb-cursor0"])
    assert "sudo apt-get install libegl1 libxcb-cursor0\n" in str(caught.value)


def test_without_apt_the_packages_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SetUpError, match="libegl1"):
        system_libraries.provide(lambda: ["libegl1"])


def test_root_installs_and_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def apt(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("os.geteuid", lambda: 0, raising=False)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr("subprocess.run", apt)
    left = iter([["libegl1"], []])
    system_libraries.provide(lambda: next(left))
    assert [command[:2] for command in commands] == [["apt-get", "update"], ["apt-get", "install"]]
    assert commands[1][-1] == "libegl1"

    still = iter([["libegl1"], ["libegl1"]])
    with pytest.raises(SetUpError, match="could not install libegl1"):
        system_libraries.provide(lambda: next(still))


@pytest.mark.parametrize(
    ("system", "machine", "march"),
    [
        ("Linux", "x86_64", True),
        ("Linux", "aarch64", False),
        ("Darwin", "arm64", False),
        ("Windows", "AMD64", False),
    ],
)
def test_annoy_is_built_for_more_than_this_machine(system: str, machine: str, march: bool) -> None:
    flags = environment.annoy_flags(system, machine)
    assert ("-march=x86-64-v2" in flags.split(",")) is march
    assert "native" not in flags
    assert "fast-math" not in flags
    assert "ANNOYLIB_MULTITHREADED_BUILD" in flags


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Replace the slow steps of the set-up by a list of what would have been done."""
    steps: list[str] = []

    def make(folder: Path) -> None:
        steps.append("make")
        for stamp in folder.glob("*.stamp"):
            stamp.unlink()
        python = environment.interpreter(folder)
        python.parent.mkdir(parents=True, exist_ok=True)
        python.touch()

    def pip(_python: Path, *arguments: str, **_: object) -> None:
        steps.append(f"install {Path(arguments[-1]).stem}")

    locks = tmp_path / "locks"
    locks.mkdir()
    for name in ("app", "dev", "build", "source"):
        (locks / f"{name}.txt").write_text(name)
    monkeypatch.setattr(environment, "lock", lambda name: locks / f"{name}.txt")
    monkeypatch.setattr(environment, "_make", make)
    monkeypatch.setattr(environment, "_pip", pip)
    return steps


def test_a_second_set_up_does_nothing(recipe: list[str], tmp_path: Path) -> None:
    environment.ensure(tmp_path / "env", "app")
    assert recipe == ["make", "install app"]
    recipe.clear()
    environment.ensure(tmp_path / "env", "app")
    assert recipe == []


def test_the_tests_add_their_tools_and_a_run_after_them_does_nothing(
    recipe: list[str], tmp_path: Path
) -> None:
    environment.ensure(tmp_path / "env", "app")
    recipe.clear()
    environment.ensure(tmp_path / "env", "app", "dev")
    assert recipe == ["install dev"]
    environment.ensure(tmp_path / "env", "app")
    assert recipe == ["install dev"]


def test_a_changed_lock_makes_the_environment_anew(recipe: list[str], tmp_path: Path) -> None:
    environment.ensure(tmp_path / "env", "app", "dev")
    recipe.clear()
    environment.lock("app").write_text("another version")
    environment.ensure(tmp_path / "env", "app", "dev")
    assert recipe == ["make", "install app", "install dev"]


def test_an_interrupted_set_up_is_made_anew(
    recipe: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(environment, "_pip", interrupted)
        environment.ensure(tmp_path / "env", "app")
    recipe.clear()
    environment.ensure(tmp_path / "env", "app")
    assert recipe == ["make", "install app"]


def test_an_environment_whose_python_is_gone_is_made_anew(
    recipe: list[str], tmp_path: Path
) -> None:
    environment.interpreter(environment.ensure(tmp_path / "env", "app").parent.parent).unlink()
    recipe.clear()
    environment.ensure(tmp_path / "env", "app")
    assert recipe == ["make", "install app"]


def test_a_display_is_looked_for_on_linux_only() -> None:
    assert not launch.has_display("linux", {})
    assert not launch.has_display("linux", {"DISPLAY": ""})
    assert launch.has_display("linux", {"DISPLAY": ":0"})
    assert launch.has_display("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    assert launch.has_display("darwin", {})


def test_without_a_display_a_picture_is_asked_for_once() -> None:
    python = Path("python")
    shown = launch.viewer_command(python, ["a.png"], display=True)
    assert shown[1:] == ["-P", "-m", "viewer", "--demo", "a.png"]
    drawn = launch.viewer_command(python, ["a.png"], display=False)
    assert drawn[-3:] == ["--picture", str(launch.PICTURE), "a.png"]
    chosen = launch.viewer_command(python, ["--picture", "mine.png"], display=False)
    assert chosen.count("--picture") == 1


def test_counts_are_read_from_the_report_and_summed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite tests="9" failures="1" errors="1" skipped="3"/></testsuites>'
    )
    count = checks.read_count(report)
    assert str(count + count) == "8 passed, 4 failed, 6 skipped"


def test_a_test_run_that_died_counts_as_a_failure(tmp_path: Path) -> None:
    assert checks.read_count(tmp_path / "absent.xml").failed == 1


def test_options_serve_both_runs_and_files_only_their_own() -> None:
    assert checks.engine_arguments([]) == ["tests/inference"]
    assert checks.engine_arguments(["-k", "crop"]) == ["tests/inference", "-k", "crop"]
    assert checks.engine_arguments(["-k", "inference"]) == ["tests/inference", "-k", "inference"]
    absolute = str(environment.CHECKOUT / "tests" / "inference" / "images")
    assert checks.engine_arguments([absolute]) == [absolute]
    assert checks.engine_arguments(["tests/packaging", "-x"]) is None
    assert checks.engine_arguments(["tests/inference/images", "tests/viewer", "-x"]) == [
        "tests/inference/images",
        "-x",
    ]
