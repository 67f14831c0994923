// A web shop's front end, as the Node SDK exports it over OTLP/HTTP: `node front.mjs json` or `proto`.
// Everything personal in it is invented.
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter as LogJson } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as LogProto } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as MetricJson } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as MetricProto } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as TraceJson } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as TraceProto } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const json = process.argv[2] !== "proto";
const host = process.argv[3] ?? "http://127.0.0.1:4318";
const to = (signal) => ({ url: `${host}/v1/${signal}`, headers: { "x-producer": json ? "node-json" : "node" } });
const resource = resourceFromAttributes({
  "service.name": "frontend",
  "service.version": "5.2.1",
  "k8s.namespace.name": "shop",
  "k8s.pod.name": "frontend-7b6f-9qk2p",
  "k8s.deployment.name": "frontend",
  "process.pid": 31,
  "process.runtime.name": "nodejs",
  "deployment.environment.name": "staging",
});
const tracers = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new (json ? TraceJson : TraceProto)(to("traces")))],
});
tracers.register();
const meters = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new (json ? MetricJson : MetricProto)(to("metrics")), exportIntervalMillis: 3600000, exportTimeoutMillis: 30000 })],
  views: [{ instrumentName: "render.size", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
});
const loggers = new LoggerProvider({ resource, processors: [new BatchLogRecordProcessor({ exporter: new (json ? LogJson : LogProto)(to("logs")) })] });

const tracer = tracers.getTracer("@shop/http", "1.4.0");
const logger = loggers.getLogger("@shop/logger", "3.0.0");
const meter = meters.getMeter("@shop/metrics");
const hits = meter.createCounter("page.hits", { unit: "{hit}", description: "Pages shown" });
const queue = meter.createUpDownCounter("queue.length");
const render = meter.createHistogram("render.duration", { unit: "ms" });
const size = meter.createHistogram("render.size", { unit: "By" });
meter.createObservableGauge("event_loop.lag", { unit: "ms" }).addCallback((r) => r.observe(1.25, { worker: "main" }));

const pages = ["/", "/product/17", "/health", "/cart", "/login"];
for (let i = 0; i < 15; i++) {
  const page = pages[i % pages.length];
  const server = tracer.startSpan(`GET ${page}`, {
    kind: SpanKind.SERVER,
    attributes: { "http.method": "GET", "http.target": page, "http.url": `https://shop.example.com${page}?token=${1000 + i}`, "net.peer.ip": `192.0.2.${i}`, "http.user_agent": page === "/health" ? "kube-probe/1.31" : "curl/8.9", tags: ["web", "ssr"], cached: i % 2 === 0, ratio: i / 4 },
  });
  context.with(trace.setSpan(context.active(), server), () => {
    const client = tracer.startSpan("HTTP GET", { kind: SpanKind.CLIENT, attributes: { "http.method": "GET", "http.url": `http://checkout.shop.svc:8080${page}`, "peer.service": "checkout" }, links: [{ context: server.spanContext(), attributes: { why: "retry" } }] });
    client.addEvent("dns.done", { "dns.ms": 2, "dns.server": "10.0.0.10" });
    if (i % 6 === 5) {
      const error = new Error(`timeout for customer jane.doe${i}@example.com`);
      // Where this repository lies is nobody's business.
      error.stack = error.stack.replaceAll(import.meta.dirname, "/app");
      client.recordException(error);
      client.setStatus({ code: SpanStatusCode.ERROR, message: "ETIMEDOUT" });
    } else {
      client.setStatus({ code: SpanStatusCode.OK });
    }
    client.setAttribute("http.status_code", i % 6 === 5 ? 504 : 200);
    client.end();
    logger.emit({ severityNumber: SeverityNumber.INFO, severityText: "INFO", body: `rendered ${page} in ${i * 3}ms`, attributes: { page, ms: i * 3 } });
    if (page === "/login") {
      logger.emit({ severityNumber: SeverityNumber.WARN, severityText: "WARN", eventName: "login.failed", body: { msg: "login failed", user: { name: "jane", email: `jane.doe${i}@example.com` }, attempts: [1, 2, i], ok: false }, attributes: { "client.ip": `203.0.113.${i}` } });
    }
    if (page === "/cart") {
      logger.emit({ severityNumber: SeverityNumber.ERROR, severityText: "ERROR", body: JSON.stringify({ level: "error", msg: "cart broken", code: i, trace: { at: "cart.js:17" } }) });
    }
    if (page === "/health") {
      logger.emit({ severityNumber: SeverityNumber.DEBUG, severityText: "DEBUG", body: "probe ok" });
    }
  });
  server.end();
  hits.add(1, { page });
  queue.add(i % 3 === 0 ? 2 : -1);
  render.record(i * 3.5, { page });
  size.record(1000 + 300 * i, { page });
}
await tracers.shutdown();
await meters.shutdown();
await loggers.shutdown();
