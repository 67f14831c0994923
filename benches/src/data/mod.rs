//! Messages to measure on, made up and always the same.
//!
//! Sizes and shapes follow what collectors carry: a record of a log is about 450 bytes, of a span 760, a data point
//! 220; resources hold ten attributes, records about eight to fourteen; a third of the log bodies is JSON. A [`Shape`] asks
//! for records with more or fewer attributes and larger bodies.
//!
//! Deliberately elsewhere: records that given rules match at a given rate (`crate::families`).

mod marshaled;
mod shape;

use ottl_otlp::wire::{put_fixed64_field, put_len_field, put_varint_field};

pub use marshaled::marshaled;
use shape::Attributes;
pub use shape::Shape;

/// A small generator of numbers (xorshift64*, Vigna 2016): the same on every machine.
pub struct Numbers(u64);

impl Numbers {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Numbers(seed.max(1))
    }

    /// The next number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap_or('0')).collect()
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

/// An attribute's value.
pub enum Any<'t> {
    /// A text.
    Text(&'t str),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// A truth value.
    Bool(bool),
}

fn any(value: &Any<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Any::Text(text) => put_len_field(&mut out, 1, text.as_bytes()),
        Any::Bool(b) => put_varint_field(&mut out, 2, u64::from(*b)),
        Any::Int(i) => put_varint_field(&mut out, 3, *i as u64),
        Any::Double(f) => put_fixed64_field(&mut out, 4, f.to_bits()),
    }
    out
}

fn pair(key: &str, value: &Any<'_>) -> Vec<u8> {
    let mut pair = Vec::new();
    put_len_field(&mut pair, 1, key.as_bytes());
    put_len_field(&mut pair, 2, &any(value));
    pair
}

fn attribute(out: &mut Vec<u8>, number: u32, key: &str, value: &Any<'_>) {
    put_len_field(out, number, &pair(key, value));
}

/// How many records share a resource.
const RECORDS_OF_RESOURCE: usize = 2 * RECORDS_OF_SCOPE;
const RECORDS_OF_SCOPE: usize = 250;

/// What is asked of resources by name.
pub struct Resource {
    /// `service.name`.
    pub service: &'static str,
    /// `deployment.environment`.
    pub environment: &'static str,
}

/// Names of services, one after the other for the resources of a message.
pub const SERVICES: [&str; 8] = ["checkout", "payment", "catalog", "frontend", "shipping", "search", "cart", "mail"];

impl Resource {
    /// The resource of a log record or span.
    pub fn of_record(record: usize) -> Resource {
        Resource::numbered((record / RECORDS_OF_RESOURCE) as u64)
    }

    fn numbered(n: u64) -> Resource {
        Resource {
            service: SERVICES[(n % 8) as usize],
            environment: if n.is_multiple_of(3) { "staging" } else { "production" },
        }
    }
}

fn resource(n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    let Resource { service, environment } = Resource::numbered(n);
    attribute(&mut out, 1, "service.name", &Any::Text(service));
    attribute(&mut out, 1, "service.version", &Any::Text("2.14.3"));
    attribute(&mut out, 1, "deployment.environment", &Any::Text(environment));
    attribute(&mut out, 1, "k8s.namespace.name", &Any::Text("shop"));
    attribute(&mut out, 1, "k8s.pod.name", &Any::Text(&format!("{service}-7d9c5b6f4-x{n:03}")));
    attribute(&mut out, 1, "k8s.node.name", &Any::Text("ip-10-0-12-34.ec2.internal"));
    attribute(&mut out, 1, "host.arch", &Any::Text("amd64"));
    attribute(&mut out, 1, "cloud.region", &Any::Text("eu-central-1"));
    attribute(&mut out, 1, "telemetry.sdk.language", &Any::Text("java"));
    attribute(&mut out, 1, "process.pid", &Any::Int(4711 + n as i64));
    out
}

fn scope() -> Vec<u8> {
    let mut out = Vec::new();
    put_len_field(&mut out, 1, b"io.shop.instrumentation");
    put_len_field(&mut out, 2, b"1.4.0");
    out
}

/// A message of `records` records made by `record`, in groups of resources of about 500 and two scopes each.
fn message(records: usize, mut record: impl FnMut(usize) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut next = 0;
    let mut group_number = 0;
    while next < records {
        let mut group = Vec::new();
        put_len_field(&mut group, 1, &resource(group_number));
        for _ in 0..2 {
            let mut scoped = Vec::new();
            put_len_field(&mut scoped, 1, &scope());
            for _ in 0..RECORDS_OF_SCOPE.min(records - next) {
                put_len_field(&mut scoped, 2, &record(next));
                next += 1;
            }
            put_len_field(&mut group, 2, &scoped);
            if next == records {
                break;
            }
        }
        put_len_field(&mut out, 1, &group);
        group_number += 1;
    }
    out
}

const BASE_TIME: u64 = 1_780_000_000_000_000_000;
const TARGETS: [&str; 8] = [
    "/healthz",
    "/ready",
    "/api/orders/8812",
    "/api/cart",
    "/api/catalog?page=2",
    "/login",
    "/api/orders",
    "/api/search?q=shoes",
];

/// What one log record has apart from what all have.
#[derive(Default)]
pub struct Special {
    /// Its body.
    pub body: Option<String>,
    /// Its severity, as number and text.
    pub severity: Option<(u64, &'static str)>,
    /// Attributes among the others; they stay where a [`Shape`] asks for few.
    pub attributes: Vec<(String, String)>,
}

/// A message of log records.
pub fn logs(shape: impl Into<Shape>) -> Vec<u8> {
    special_logs(shape, |_| Special::default())
}

/// A message of log records; `special` is asked for each by its number.
pub fn special_logs(shape: impl Into<Shape>, mut special: impl FnMut(usize) -> Special) -> Vec<u8> {
    let shape = shape.into();
    let mut r = Numbers::new(0x10_65);
    message(shape.records, |i| {
        let special = special(i);
        let mut out = Vec::new();
        put_fixed64_field(&mut out, 1, BASE_TIME + i as u64 * 1_000_003);
        let severity = [(9, "INFO"), (9, "info"), (13, "WARN"), (17, "err"), (5, "DEBUG")][r.below(5) as usize];
        let (number, text) = special.severity.unwrap_or(severity);
        put_varint_field(&mut out, 2, number);
        put_len_field(&mut out, 3, text.as_bytes());
        let body = match r.below(3) {
            0 => format!(
                r#"{{"event":"order.created","order":{{"id":{},"total":{}.{:02},"items":["sku-{}","sku-{}"]}},"user":"u-{}","ok":true}}"#,
                r.below(100_000),
                r.below(500),
                r.below(100),
                r.below(1000),
                r.below(1000),
                r.hex(8)
            ),
            1 => {
                format!("login for user={} password={} from {} took {}ms", r.hex(6), r.hex(10), r.hex(8), r.below(2000))
            }
            _ => format!(
                "request {} finished with status {} after {} retries, cache miss",
                r.hex(16),
                200 + r.below(300),
                r.below(4)
            ),
        };
        let body = shape.body(special.body.unwrap_or(body), i);
        put_len_field(&mut out, 5, &any(&Any::Text(&body)));
        let mut attributes = Attributes::default();
        attributes.push("http.method", &Any::Text(["GET", "POST", "PUT"][r.below(3) as usize]));
        attributes.push("http.target", &Any::Text(TARGETS[r.below(8) as usize]));
        attributes.push("http.status_code", &Any::Int([200, 200, 404, 500][r.below(4) as usize]));
        for (key, value) in &special.attributes {
            attributes.push_needed(key, &Any::Text(value));
        }
        let email = format!("{}.{}@example.com", r.hex(5), r.hex(7));
        attributes.push("user.email", &Any::Text(if r.below(2) == 0 { &email } else { "anonymous" }));
        attributes.push("duration_ms", &Any::Double(r.below(100_000) as f64 / 100.0));
        attributes.push("session.id", &Any::Text(&r.hex(32)));
        attributes.push("internal.shard", &Any::Int(r.below(64) as i64));
        attributes.push("retry", &Any::Bool(r.below(2) == 0));
        attributes.put(&mut out, 6, &shape, i);
        put_len_field(&mut out, 9, &r.bytes(16));
        put_len_field(&mut out, 10, &r.bytes(8));
        put_fixed64_field(&mut out, 11, BASE_TIME + i as u64 * 1_000_003 + 500);
        out
    })
}

/// A message of spans.
pub fn spans(shape: impl Into<Shape>) -> Vec<u8> {
    let shape = shape.into();
    let mut r = Numbers::new(0x5a_05);
    message(shape.records, |i| {
        let mut out = Vec::new();
        put_len_field(&mut out, 1, &r.bytes(16));
        put_len_field(&mut out, 2, &r.bytes(8));
        put_len_field(&mut out, 4, &r.bytes(8));
        put_len_field(&mut out, 5, format!("GET /api/orders/{}/items/{}", r.below(100_000), r.below(50)).as_bytes());
        put_varint_field(&mut out, 6, 1 + r.below(5));
        let start = BASE_TIME + i as u64 * 2_000_003;
        put_fixed64_field(&mut out, 7, start);
        put_fixed64_field(&mut out, 8, start + 1_000_000 * r.below(900));
        let mut attributes = Attributes::default();
        attributes.push("http.request.method", &Any::Text("GET"));
        attributes.push(
            "http.route",
            &Any::Text(["/healthz", "/api/orders/{id}", "/api/cart", "/login"][r.below(4) as usize]),
        );
        attributes.push("http.response.status_code", &Any::Int([200, 201, 404, 503][r.below(4) as usize]));
        attributes.push(
            "url.full",
            &Any::Text(&format!("https://shop.example.com/api/orders/{}?token={}", r.below(100_000), r.hex(40))),
        );
        attributes.push(
            "user_agent.original",
            &Any::Text("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        );
        attributes.push("server.address", &Any::Text("shop.example.com"));
        attributes.push("server.port", &Any::Int(443));
        attributes.push("client.address", &Any::Text("203.0.113.77"));
        attributes.push("network.protocol.version", &Any::Text("1.1"));
        attributes.push("db.system", &Any::Text(["redis", "postgresql", "none"][r.below(3) as usize]));
        attributes.push("thread.name", &Any::Text("http-nio-8080-exec-7"));
        attributes.push("thread.id", &Any::Int(r.below(200) as i64));
        attributes.push("enduser.id", &Any::Text(&format!("u-{}", r.hex(8))));
        attributes.put(&mut out, 9, &shape, i);
        let mut event = Vec::new();
        put_fixed64_field(&mut event, 1, start + 1000);
        put_len_field(&mut event, 2, b"cache.lookup");
        attribute(&mut event, 3, "cache.hit", &Any::Bool(r.below(2) == 0));
        put_len_field(&mut out, 11, &event);
        let mut status = Vec::new();
        put_varint_field(&mut status, 3, 1);
        put_len_field(&mut out, 15, &status);
        out
    })
}

/// A message of sums and gauges with `points` data points in all, ten a metric.
pub fn points(shape: impl Into<Shape>) -> Vec<u8> {
    let shape = shape.into();
    let mut r = Numbers::new(0x0e_71);
    let mut left = shape.records;
    let metrics = left.div_ceil(10);
    message(metrics, |i| {
        let mut out = Vec::new();
        let names = ["system.cpu.time", "http.server.requests", "system.memory.usage", "jvm.gc.count"];
        put_len_field(&mut out, 1, format!("{}.{i}", names[i % 4]).as_bytes());
        put_len_field(&mut out, 2, b"Made up for measuring.");
        if !i.is_multiple_of(3) {
            put_len_field(&mut out, 3, b"By");
        }
        let mut data = Vec::new();
        for _ in 0..10.min(left) {
            let mut point = Vec::new();
            put_fixed64_field(&mut point, 2, BASE_TIME);
            put_fixed64_field(&mut point, 3, BASE_TIME + 60_000_000_000);
            put_fixed64_field(&mut point, 4, (r.below(1_000_000) as f64 / 7.0).to_bits());
            let mut attributes = Attributes::default();
            attributes.push("host.name", &Any::Text("ip-10-0-12-34"));
            attributes.push("host.id", &Any::Text(&r.hex(17)));
            attributes.push("state", &Any::Text(["user", "system", "idle", "wait"][r.below(4) as usize]));
            attributes.push("cpu", &Any::Int(r.below(64) as i64));
            if r.below(4) == 0 {
                attributes.push("env", &Any::Text("test"));
            }
            attributes.put(&mut point, 7, &shape, i);
            put_len_field(&mut data, 1, &point);
        }
        left = left.saturating_sub(10);
        if i.is_multiple_of(2) {
            put_varint_field(&mut data, 2, 2);
            put_varint_field(&mut data, 3, 1);
            put_len_field(&mut out, 7, &data);
        } else {
            put_len_field(&mut out, 5, &data);
        }
        out
    })
}
