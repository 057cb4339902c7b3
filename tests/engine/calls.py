"""Calls for the pool's tests, by what they do to their process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def work(payload, progress):
    match payload["do"]:
        case "give":
            progress("half of it")
            return {"given": payload["value"]}
        case "look":
            seen = {"folder": str(Path.cwd()), "leak": getattr(sys, "leak", None)}
            sys.leak = payload["value"]
            os.chdir("/")
            return {**seen, "secret": os.environ.get("POSTHOG_PERSONAL_API_KEY")}
        case "modules":
            return {"modules": sorted(sys.modules)}
        case "leave":
            os._exit(5)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "raise":
            raise ValueError("first line\nsecond line")
        case "refuse":
            from audit.errors import InputError

            raise InputError("No such account. Name another.")
        case "clean up":
            try:
                time.sleep(60)
            finally:
                Path(payload["mark"]).touch()
        case "wait":
            time.sleep(payload["value"])
            return {}
        case "hang":
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            time.sleep(60)
        case "start":
            child = subprocess.Popen(["sleep", "600"], start_new_session=True)
            progress(f"started {child.pid}")
            time.sleep(60)
        case "hold":
            held = b"x" * payload["bytes"]
            return {"held": len(held)}
