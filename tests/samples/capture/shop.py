"""A web shop's checkout service, as the Python SDK exports it over OTLP/HTTP protobuf.

Everything personal in it is invented: example.com addresses and the card numbers that payment
providers publish for tests.
"""

import json
import logging
import random
import sys
import time

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

HOST = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4318"
HEADERS = {"x-producer": "python"}
random.seed(7)

resource = Resource.create(
    {
        "service.name": "checkout",
        "service.namespace": "shop",
        "service.version": "2.14.0",
        "service.instance.id": "checkout-6f7c9d8b5-x2lzq",
        "deployment.environment.name": "production",
        "k8s.cluster.name": "eu-1",
        "k8s.namespace.name": "shop",
        "k8s.pod.name": "checkout-6f7c9d8b5-x2lzq",
        "k8s.container.name": "checkout",
        "k8s.pod.labels.app": "checkout",
        "host.name": "node-17",
        "process.command_args": ["python", "-m", "checkout", "--port=8080"],
    },
    schema_url="https://opentelemetry.io/schemas/1.37.0",
)
tracers = TracerProvider(resource=resource)
tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{HOST}/v1/traces", headers=HEADERS)))
trace.set_tracer_provider(tracers)
reader = PeriodicExportingMetricReader(
    OTLPMetricExporter(
        f"{HOST}/v1/metrics",
        headers=HEADERS,
        preferred_temporality={Histogram: AggregationTemporality.DELTA, Counter: AggregationTemporality.CUMULATIVE},
    ),
    export_interval_millis=3_600_000,
)
meters = MeterProvider(
    resource=resource,
    metric_readers=[reader],
    exemplar_filter=AlwaysOnExemplarFilter(),
    views=[View(instrument_name="http.response.body.size", aggregation=ExponentialBucketHistogramAggregation(max_size=20))],
)
loggers = LoggerProvider(resource=resource)
loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{HOST}/v1/logs", headers=HEADERS)))
handler = LoggingHandler(logger_provider=loggers)
log = logging.getLogger("shop.checkout")
log.setLevel(logging.DEBUG)
log.addHandler(handler)
access = logging.getLogger("shop.access")
access.setLevel(logging.INFO)
access.addHandler(handler)

http = trace.get_tracer("opentelemetry.instrumentation.wsgi", "0.60b0", schema_url="https://opentelemetry.io/schemas/1.37.0")
db = trace.get_tracer("opentelemetry.instrumentation.psycopg", "0.60b0", attributes={"db.driver": "psycopg"})
meter = meters.get_meter("shop.checkout", "2.14.0")
requests = meter.create_counter("http.server.requests", "1", "Requests served")
carts = meter.create_up_down_counter("shop.carts.open", "{cart}", "Carts in use")
took = meter.create_histogram("http.server.request.duration", "s", "Time to answer")
sizes = meter.create_histogram("http.response.body.size", "By", "Size of answers")
meter.create_observable_gauge(
    "process.memory.usage", [lambda _: [metrics.Observation(104857600, {"state": "rss"})]], "By", "Memory"
)
meter.create_observable_gauge("process.cpu.utilization", [lambda _: [metrics.Observation(0.375, {"cpu": "0"})]], "1")

PEOPLE = [("u-1001", "ann@example.com"), ("u-1002", "bob.brown@example.org"), ("u-1003", "cy+test@mail.example.net")]
CARDS = ["4111111111111111", "5555555555554444", "378282246310005"]
ROUTES = ["/health", "/cart/{id}", "/cart/{id}", "/checkout", "/checkout", "/products", "/health"]


def serve(number):
    route = ROUTES[number % len(ROUTES)]
    user, mail = random.choice(PEOPLE)
    broken = number % 9 == 4
    status = 500 if broken else 200
    url = route.replace("{id}", str(1000 + number))
    attributes = {
        "http.request.method": "POST" if route == "/checkout" else "GET",
        "http.route": route,
        "url.path": url,
        "url.query": f"session={random.getrandbits(64):016x}&coupon=WINTER",
        "server.address": "shop.example.com",
        "server.port": 8080,
        "client.address": f"10.1.{number % 4}.{number}",
        "network.protocol.version": "1.1",
        "user_agent.original": "kube-probe/1.31" if route == "/health" else "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        "enduser.id": user,
    }
    with http.start_as_current_span(f"{attributes['http.request.method']} {route}", kind=SpanKind.SERVER, attributes=attributes) as span:
        start = time.perf_counter()
        if route != "/health":
            log.debug("request started", extra={"url.path": url, "enduser.id": user, "retries": number % 3})
        if route == "/checkout":
            card = random.choice(CARDS)
            span.set_attribute("enduser.email", mail)
            span.set_attribute("shop.cart.total", 19.9 * (number % 5 + 1))
            span.set_attribute("shop.cart.items", [f"sku-{i}" for i in range(number % 4)])
            with db.start_as_current_span("INSERT shop.orders", kind=SpanKind.CLIENT) as query:
                query.set_attribute("db.system.name", "postgresql")
                query.set_attribute("db.namespace", "shop")
                query.set_attribute("db.query.text", f"INSERT INTO orders (user_id, email, card, total) VALUES ('{user}', '{mail}', '{card}', {number * 3}.90)")
                if broken:
                    query.set_status(Status(StatusCode.ERROR, "deadlock detected"))
            log.info(json.dumps({"event": "order", "user": {"id": user, "email": mail}, "card": card, "total": number * 3.9, "items": number % 4, "level": "info"}))
            log.warning("charging card %s for %s", card, mail, extra={"password": "hunter2", "http.request.header.authorization": "Bearer abc.def.ghi"})
            carts.add(-1, {"store": "eu"})
        elif route.startswith("/cart"):
            carts.add(1, {"store": "eu"})
            with db.start_as_current_span("SELECT shop.carts", kind=SpanKind.CLIENT) as query:
                query.set_attribute("db.system.name", "postgresql")
                query.set_attribute("db.query.text", f"SELECT * FROM carts WHERE id = {1000 + number} AND owner = '{user}'")
                query.add_event("db.pool.wait", {"ms": 3.5, "pool": "main"})
        if broken:
            try:
                raise ConnectionError(f"payment gateway refused order of {mail}")
            except ConnectionError as error:
                span.record_exception(error)
                span.set_status(Status(StatusCode.ERROR, str(error)))
                log.exception("request failed", extra={"url.path": url})
        span.set_attribute("http.response.status_code", status)
        labels = {"http.route": route, "http.response.status_code": status, "http.request.method": attributes["http.request.method"], "host": "node-17"}
        requests.add(1, labels)
        took.record(0.002 * (number % 7) + (time.perf_counter() - start), {"http.route": route})
        sizes.record(200 * (number % 11) + 17, {"http.route": route})
        access.info('%s - - "%s %s HTTP/1.1" %d %d', attributes["client.address"], attributes["http.request.method"], url, status, 200 * (number % 11) + 17)


for n in range(21):
    serve(n)
tracers.shutdown()
meters.shutdown()
loggers.shutdown()
