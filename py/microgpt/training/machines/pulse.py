"""The pulse of the first process of a job: by it the others know that its machine is there.

It may save, draw samples or print for long, and answers nobody meanwhile. Without a pulse the
others could not tell that from a machine that is gone.
"""

import atexit
import threading

BEAT = 1.0  # seconds


class Pulse:
    """Each second a message of one byte from the first process to each of the others.

    MPI hears one thread at a time: whoever calls it is to hold `alone`.
    """

    def __init__(self, comm):
        self._comm, self.alone = comm.Dup(), threading.Lock()
        if comm.rank == 0:
            self._ended = threading.Event()
            self._thread = threading.Thread(target=self._beat, daemon=True)
            self._thread.start()
            atexit.register(self._end)  # before MPI ends

    def _beat(self):
        on_their_way = []
        while not self._ended.wait(BEAT):
            for rank in range(1, self._comm.size):
                with self.alone:
                    on_their_way.append(self._comm.Isend(b"\0", rank))
            with self.alone:
                on_their_way = [each for each in on_their_way if not each.Test()]

    def _end(self):
        self._ended.set()
        self._thread.join()

    def felt(self):
        """Has the first one sent anything since it was last asked?"""
        found, byte = False, bytearray(1)
        with self.alone:
            while self._comm.Iprobe(0):
                self._comm.Recv(byte, 0)
                found = True
        return found
