"""How a visitor's kernel is waited for: a slow one is believed, a dead one ends the page."""

import asyncio
import os
import signal
import threading
import time
from contextlib import suppress

import httpx2 as httpx
import pytest
from jupyter_client.manager import AsyncKernelManager

from audit.dashboard.provisioner import Client

from .conftest import below


def test_a_kernel_that_is_slow_to_answer_is_believed_all_the_same():
    """It stands still for longer than one question is waited for, and then answers them all."""

    async def waited():
        manager = AsyncKernelManager()
        await manager.start_kernel()
        client = manager.client()
        client.__class__ = Client  # the same channels, our way of waiting
        client.start_channels()
        stopped = manager.provisioner.pid
        os.kill(stopped, signal.SIGSTOP)
        asyncio.get_running_loop().call_later(3.5, os.kill, stopped, signal.SIGCONT)
        try:
            await asyncio.wait_for(client.wait_for_ready(), 45)
            return await client.is_alive()
        finally:
            client.stop_channels()
            await manager.shutdown_kernel(now=True)

    assert asyncio.run(waited())


@pytest.mark.slow
def test_a_kernel_that_dies_before_it_is_ready_ends_the_page(serve, store, tmp_path):
    with serve(store, tmp_path) as server:
        known = set(below(server.process.pid))
        got = []
        asking = threading.Thread(target=lambda: got.append(httpx.get(server.url, timeout=60)))
        asking.start()
        end = time.monotonic() + 60
        while asking.is_alive() and time.monotonic() < end:
            for one in set(below(server.process.pid)) - known:  # the kernel, and what is audited
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            time.sleep(0.001)
        assert not asking.is_alive(), server.said()

        assert 'id="page"' not in got[0].text
        assert got[0].text.rstrip().endswith("</html>")
        assert 'id="page"' in httpx.get(server.url, timeout=60).text
