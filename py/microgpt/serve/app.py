"""The endpoints: from a request to its answer, whole or as a stream."""

import asyncio
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from . import fields, wire
from .batcher import Job
from .door import Door
from .models import find
from .orders import chat_orders, completion_orders, embedding_texts
from .refusals import Left, Refused

# Of a body that is too large so much is taken and dropped: who is still sending hears no answer.
DRAINED = 32 << 20
STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}


class Endpoints:
    """What is answered, with these models, by these rules; `note` hears of every answer."""

    def __init__(self, models, options, metrics, counted, note):
        self.models, self.options, self.metrics = models, options, metrics
        self.counted, self.note = counted, note

    def app(self):
        routes = [
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/v1/completions", self.completions, methods=["POST"]),
            Route("/v1/embeddings", self.embeddings, methods=["POST"]),
            Route("/v1/models", self.list_models),
            Route("/v1/models/{name:path}", self.one_model),
            Route("/health", self.health),
            Route("/stats", self.stats),
            Route("/metrics", self.prometheus),
        ]
        if self.options.page:
            routes += [Route("/", self.page), Route("/index.html", self.page)]
            routes.append(Mount("/", StaticFiles(directory=self.options.page, html=True)))
        handlers = {Refused: refuse, HTTPException: refuse_http, Exception: refuse_fault}
        app = Door(Starlette(routes=routes, exception_handlers=handlers), self)
        if not self.options.cors:
            return app
        # Around the door: a page from elsewhere shall be able to read why it is not let in.
        allowed = {"allow_methods": ["GET", "POST"], "allow_headers": ["*"], "max_age": 600}
        allowed["expose_headers"] = ["Retry-After", "X-Request-Id"]
        return CORSMiddleware(app, allow_origins=list(self.options.cors), **allowed)

    # ---- what is there

    async def list_models(self, request):
        return JSONResponse({"object": "list", "data": [m.card for m in self.models.values()]})

    async def one_model(self, request):
        return JSONResponse(find(self.models, request.path_params["name"]).card)

    async def health(self, request):
        return JSONResponse({"status": "ok", "models": list(self.models)})

    async def stats(self, request):
        limits = {"slots": self.options.slots, "queue": self.options.queue}
        found = {"workers": self.options.workers, "limits_per_worker": limits}
        return JSONResponse(found | self.metrics.stats)

    async def prometheus(self, request):
        return PlainTextResponse(self.metrics.prometheus, media_type="text/plain; version=0.0.4")

    async def page(self, request):
        """The page's index, which tells the view Chat that a server hands it out."""
        text = Path(self.options.page, "index.html").read_text(encoding="utf-8")
        return HTMLResponse(text.replace("<html ", "<html data-served ", 1))

    # ---- what is written

    async def chat(self, request):
        return await self._write(request, fields.CHAT, "messages", chat_orders, wire.ChatFormat)

    async def completions(self, request):
        names = fields.COMPLETIONS, "prompt"
        return await self._write(request, *names, completion_orders, wire.CompletionFormat)

    async def _write(self, request, readers, needed, read_orders, form):
        values = fields.read_fields(await self._body(request), readers, ("model", needed))
        served = find(self.models, values["model"])
        orders = read_orders(values, served, self.options)
        job = self._job(request, served)
        served.batcher.order(job, orders)
        form = form(served, values)
        if values.get("stream"):
            return Stream(self, request, served, job, form)
        try:
            pieces = await self._attended(request, self._whole(job), job, served)
        finally:
            self._count(request, job)
        return JSONResponse(form.answer(pieces, wire.usage(job.choices)))

    async def _whole(self, job):
        pieces, left = [[] for _ in job.choices], len(job.choices)
        while left:
            for piece in await job.next():
                pieces[piece.index].append(piece)
                left -= piece.reason is not None
        return pieces

    async def embeddings(self, request):
        found = await self._body(request)
        values = fields.read_fields(found, fields.EMBEDDINGS, ("model", "input"))
        served = find(self.models, values["model"])
        texts = embedding_texts(values, served)
        job = self._job(request, served)
        served.batcher.read(job, texts)

        async def all_read():
            means = {}
            while len(means) < len(texts):
                means.update(await job.next())
            return [means[i] for i in range(len(texts))]

        means = await self._attended(request, all_read(), job, served)
        self.counted.add("prompt_tokens", sum(map(len, texts)))
        as_base64 = values.get("encoding_format") == "base64"
        return JSONResponse(wire.embeddings(served, texts, means, as_base64))

    # ---- around them

    async def _body(self, request):
        """The JSON of a request, if it is not too large and arrives in time."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused("Send JSON, with the header Content-Type: application/json.", status=415)
        most, parts, size = self.options.max_body, [], 0
        length = request.headers.get("content-length", "0")
        too_large = not length.isdigit() or int(length) > most
        try:
            async with asyncio.timeout(self.options.patience):
                async for part in request.stream():
                    size += len(part)
                    too_large |= size > most
                    if too_large and size > DRAINED:
                        break
                    if not too_large:
                        parts.append(part)
        except TimeoutError:
            raise Refused("The body did not arrive in time.", status=408) from None
        except ClientDisconnect:
            raise Left from None
        if too_large:
            raise Refused(f"The body may have {most:,} bytes; this has more.", status=413)
        return fields.read_body(b"".join(parts))

    def _job(self, request, served):
        request.state.noted["model"] = served.name
        return Job(request.state.client)

    async def _attended(self, request, work, job, served):
        """The result of work, unless the client goes away or it takes too long."""
        work, gone = asyncio.ensure_future(work), asyncio.ensure_future(left(request.receive))
        try:
            await asyncio.wait(
                {work, gone}, timeout=self.options.timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if work.done():
                return work.result()
            if gone.done():
                raise Left
            raise Refused(f"This took longer than {self.options.timeout:g} s.", status=504)
        finally:
            work.cancel()
            gone.cancel()
            served.batcher.leave(job)

    def _count(self, request, job):
        used = wire.usage(job.choices)
        noted = request.state.noted
        noted["prompt_tokens"] = used["prompt_tokens"]
        noted["completion_tokens"] = used["completion_tokens"]
        self.counted.add("prompt_tokens", used["prompt_tokens"])
        self.counted.add("completion_tokens", used["completion_tokens"])
        self.counted.add("cached_tokens", used["prompt_tokens_details"]["cached_tokens"])


class Stream(Response):
    """An answer as server-sent events. Who reads too slowly is let go."""

    def __init__(self, endpoints, request, served, job, form):
        self.raw_headers = [(k.encode(), v.encode()) for k, v in STREAM.items()]
        self.background = None
        self._endpoints, self._request, self._served = endpoints, request, served
        self._job, self._form = job, form

    async def __call__(self, scope, receive, send):
        self._send, self._abort, self._write = send, scope.get("abort"), scope.get("write")
        self._sending, self._is_cut = None, False
        # One clock for the whole stream: one for each chunk would be felt.
        watch = asyncio.create_task(self._watch(self._endpoints.options.patience))
        try:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await self._put(start)
            await self._chunk(self._form.begin(len(self._job.choices)))
            self._job.taker = self._take if self._write else None
            await self._endpoints._attended(self._request, self._all(), self._job, self._served)
            await self._chunk(self._form.end(wire.usage(self._job.choices)))
        except Refused as refused:
            scope["state"]["noted"]["error"] = refused.error["message"]
            await self._chunk(wire.event({"error": refused.error}) + wire.DONE)
        finally:
            watch.cancel()
            self._job.taker = self._write = None  # with these gone, all goes at once, uncollected
            self._served.batcher.leave(self._job)
            self._endpoints._count(self._request, self._job)
        await self._put({"type": "http.response.body", "body": b"", "more_body": False})

    async def _all(self):
        left = len(self._job.choices)
        while left:
            pieces = await self._job.next()
            await self._chunk(b"".join(map(self._form.piece, pieces)))
            left -= sum(piece.reason is not None for piece in pieces)

    def _take(self, piece):
        """Send a piece when it is written; False for one that ends a choice, or has to wait."""
        if piece.reason is not None or self._sending is not None:
            return False
        data = self._form.piece(piece)
        return not data or self._write(data)

    async def _chunk(self, data):
        if data:
            await self._put({"type": "http.response.body", "body": data, "more_body": True})

    async def _put(self, message):
        self._sending = time.monotonic()
        await self._send(message)
        if self._is_cut:
            raise Left
        self._sending = None

    async def _watch(self, patience):
        """Cut off a client that does not take what is sent."""
        while True:
            await asyncio.sleep(patience / 4)
            if self._sending and time.monotonic() - self._sending > patience and self._abort:
                self._is_cut = True
                self._abort()


async def left(receive):
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(request, refused):
    request.state.noted["error"] = refused.error["message"]
    return Response(refused.body, refused.status, refused.headers, "application/json")


async def refuse_fault(request, error):
    """A fault of ours; what it was stands in the log."""
    told = Refused("Something went wrong here; the server's log has more.", status=500)
    return await refuse(request, told)


async def refuse_http(request, error):
    """What Starlette refuses: addresses that are not there, and methods."""
    told = {404: "There is nothing at this address.", 405: "This address has another method."}
    message = told.get(error.status_code, error.detail)
    return await refuse(request, Refused(message, status=error.status_code))
