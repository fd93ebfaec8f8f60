"""Kills a training that saves itself at random moments and goes on; the end must have the bits of one left alone."""

import argparse
import pathlib
import random
import shutil
import subprocess
import sys

LONGEST = 0.1  # seconds to live, at most: a few epochs


def begin(program, folder):
    process = subprocess.Popen([program, str(folder)], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()  # "from epoch …": the last checkpoint has been read
    return process


def ended(process, seconds=None):
    """Whether the program came to its end, without a mistake, before its time was over."""
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    finally:
        process.stdout.close()
    if status != 0:
        sys.exit(f"kill: the program ended with status {status}")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "program", help="trains in the folder that is its argument, from last.safetensors to end.safetensors"
    )
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    whole, folder = arguments.folder / "whole", arguments.folder / "killed"
    ended(begin(arguments.program, whole))
    end = (whole / "end.safetensors").read_bytes()

    moments = random.Random(arguments.seed)
    kills = writing = runs = 0
    while kills < arguments.kills or folder.exists():
        limit = moments.uniform(0, LONGEST) if kills < arguments.kills else None
        if not ended(begin(arguments.program, folder), limit):
            kills += 1
            continue
        if (folder / "end.safetensors").read_bytes() != end:
            sys.exit(f"kill: other bits behind kill {kills}; --seed {arguments.seed}")
        runs += 1
        writing += len(list(folder.glob("*.tmp")))
        shutil.rmtree(folder)
    print(f"kill: {kills} kills, {writing} of them within the writing of a file; {runs} trainings with the same bits")


if __name__ == "__main__":
    main()
