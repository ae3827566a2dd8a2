#!/usr/bin/env python3
"""A complete worker; Python 3.9 or newer, nothing to install. Put your work into `work`, and start it:
JOBS_URL=http://127.0.0.1:8080 JOBS_API_KEY=jsk_… QUEUE=reports python3 worker.py"""
import http.client, json, os, signal, socket, sys, threading, time, urllib.error, urllib.request, uuid

API = os.environ.get("JOBS_URL", "http://127.0.0.1:8080").rstrip("/") + "/api/v1/worker"
KEY, QUEUE = os.environ["JOBS_API_KEY"], os.environ.get("QUEUE", "default")
LEASE = int(os.environ.get("LEASE_SECONDS", "30"))  # how long the server waits for a sign of life, 5 to 300
NAME = f"{socket.gethostname()}/{os.getpid()}"
stopping, idle = False, False

class LeaseLost(Exception): """The run is not ours any more: stop, and say nothing about it."""
class Refused(Exception): """The server says no; trying again would not help."""
class Hopeless(Exception): """For `work` to raise where another attempt would fail as well."""

def work(run):
    """Does what the payload says. What it returns becomes the result; what it raises fails the attempt."""
    order = run.payload or {}
    pages = order.get("pages", 5)
    if not isinstance(pages, int):
        raise Hopeless(f"pages must be a number, not {pages!r}")
    if "broken" in order: raise RuntimeError(order["broken"])  # worth another attempt
    for page in range(1, pages + 1):
        run.check()
        run.log(f"page {page} of {pages}")
        time.sleep(order.get("seconds", 1))
        run.progress(100 * page // pages, f"page {page}")
    return {"pages": pages}

def call(path, body, until):
    """POSTs. While the server is away or busy, does so again and again as long as `until()` is ahead."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    request, pause = urllib.request.Request(API + path, json.dumps(body).encode(), headers), 0.25
    while True:
        try:
            with urllib.request.urlopen(request, timeout=45) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text, wait, why = error.read().decode(errors="replace"), error.headers.get("Retry-After", ""), error
            problem = json.loads(text) if text.startswith("{") else {}
            if path != "/claim" and (error.code == 404 or problem.get("code") == "lease_lost"):
                raise LeaseLost("the run is not ours any more") from None
            if error.code < 500 and error.code != 429 and problem.get("code") != "idempotency_in_progress":
                raise Refused(f"{error.code}: {problem.get('detail', text)}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:  # no answer, or half of one
            wait, why = "", error
        pause = float(wait) if wait.isdigit() else min(2 * pause, 15)
        if time.monotonic() + pause > until():
            raise LeaseLost("the server was away for too long")
        print(f"no answer ({why}); again in {pause} s", flush=True)
        time.sleep(pause)

class Run:
    def __init__(self, claimed):
        self.run_id, self.payload, self.token = claimed["run"]["run_id"], claimed["payload"], claimed["lease_token"]
        self.until, self.cancelled, self.lost, self.over = time.monotonic() + LEASE, False, False, threading.Event()
        threading.Thread(target=self.keep, daemon=True).start()  # of its own: `work` may be busy for long
    def tell(self, what, **body):
        return call(f"/runs/{self.run_id}/{what}", {"lease_token": self.token, **body}, lambda: self.until)
    def beat(self, **said):
        sent = time.monotonic()
        try:
            self.cancelled = self.tell("heartbeat", **said)["cancel_requested"]
            self.until = sent + LEASE
        except (LeaseLost, Refused):
            self.lost = True
    def keep(self):
        while not self.lost and not self.over.wait(LEASE / 3):
            self.beat()
    def check(self):
        if self.lost: raise LeaseLost("the run is not ours any more")
        if self.cancelled: raise InterruptedError("stopped on request")
    def progress(self, percent, message=""): self.beat(progress=percent, message=message)
    def log(self, text, level="info"): self.tell("log", lines=[{"text": text[:2000], "level": level}])

def carry_out(run):
    try:
        try: return run.tell("complete", result=work(run))["status"]
        except LeaseLost: raise
        except Exception as error:
            return run.tell("fail", error={"message": f"{type(error).__name__}: {error}"[:2000]},
                            retryable=not isinstance(error, (Hopeless, Refused)))["status"]
    except (LeaseLost, Refused) as error: return f"lost ({error})"
    finally: run.over.set()

def stop(number, _):
    global stopping
    stopping = True  # after the present run
    signal.signal(number, signal.SIG_DFL)  # a second signal is the end
    if idle: sys.exit()

for number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, stop)
print(f"{NAME} waits for runs of the queue {QUEUE} at {API}", flush=True)
claim = {"queues": [QUEUE], "max": 1, "wait_seconds": 20, "lease_seconds": LEASE, "worker_name": NAME}
while not stopping:
    idle = True
    claimed = call("/claim", claim, lambda: float("inf"))["data"]
    idle = False
    for run in map(Run, claimed): print(f"run {run.run_id}: {carry_out(run)}", flush=True)
