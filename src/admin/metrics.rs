//! What a Prometheus server collects, in OpenMetrics or the older text format. Every label has a fixed set of values:
//! no client and no article can add a series.

use std::{
    fmt,
    sync::atomic::{AtomicI64, AtomicU64},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, text::encode},
    metrics::{MetricType, counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use crate::{
    article::Timestamp,
    edition::{Document, Edition},
    refresh::{Board, Ending, Phase, Standing},
    render::DocumentKind,
    serve::{Counters, LATENCY_BOUNDS, Snapshot},
    source::RejectionKind,
};

/// What a client asks for that understands OpenMetrics.
pub(super) const OPEN_METRICS: &str = "application/openmetrics-text";
/// OpenMetrics 1.0 section 5.1.
pub(super) const OPEN_METRICS_TYPE: &str =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The older text format.
pub(super) const TEXT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

type Integer = Gauge<i64, AtomicI64>;
type Seconds = Gauge<f64, AtomicU64>;

/// Labels of one word each, from a fixed set.
type Labels = [(&'static str, &'static str); 1];

/// All of it, as text.
pub(super) fn render(board: &Board, counters: &Counters, dropped_lines: usize) -> String {
    let standing = board.standing();
    let mut registry = Registry::with_prefix("dateline");
    process(&mut registry, &standing, dropped_lines);
    refreshes(&mut registry, &standing, board.read_so_far());
    articles(&mut registry, &standing);
    documents(&mut registry, &standing.edition);
    public(&mut registry, &counters.snapshot());
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = encode(&mut text, &registry);
    text
}

/// The same in the older text format, where the name of a counter ends in `_total` in every
/// line, and there are neither units nor an end.
pub(super) fn to_text_format(open_metrics: &str) -> String {
    let mut counters = Vec::new();
    for line in open_metrics.lines() {
        let name = line
            .strip_prefix("# TYPE ")
            .and_then(|rest| rest.strip_suffix(" counter"));
        counters.extend(name);
    }
    let mut text = String::with_capacity(open_metrics.len());
    for line in open_metrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("UNIT" | "EOF"), ..) => continue,
            (Some("#"), Some(kind), Some(name), Some(rest)) if counters.contains(&name) => {
                text.push_str(&format!("# {kind} {name}_total {rest}"));
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

fn process(registry: &mut Registry, standing: &Standing, dropped_lines: usize) {
    let version = ("version", env!("CARGO_PKG_VERSION").to_owned());
    info(registry, "build_info", "The program", version);
    integer(
        registry,
        "ready",
        "Whether an edition is served and connections are taken",
        i64::from(standing.phase == Phase::Ready),
    );
    instant(
        registry,
        "start_timestamp",
        "When the process began",
        Some(standing.started),
    );
    let dropped = counter(u64::try_from(dropped_lines).unwrap_or(u64::MAX));
    registry.register(
        "log_lines_dropped",
        "Lines of the log that nobody took",
        dropped,
    );
    integer(
        registry,
        "config_reload_success",
        "Whether the newest configuration is in force",
        i64::from(standing.refused.is_none()),
    );
    instant(
        registry,
        "config_reload_success_timestamp",
        "When the configuration in force was loaded",
        Some(standing.configured),
    );
}

fn refreshes(registry: &mut Registry, standing: &Standing, read_so_far: u64) {
    let family = Family::<Labels, Counter>::default();
    for (ending, count) in Ending::ALL.into_iter().zip(standing.endings) {
        let labels = [("outcome", ending.name())];
        family.get_or_create(&labels).inc_by(count);
    }
    registry.register("refreshes", "Refreshes by how they ended", family);
    let trouble = standing.trouble.as_ref().map(|trouble| trouble.ending);
    let is = |ending| i64::from(trouble == Some(ending));
    integer(
        registry,
        "source_up",
        "Whether the newest refresh could read the origin and keep what it read",
        1 - is(Ending::Failed),
    );
    integer(
        registry,
        "refresh_held",
        "Whether a guard holds a refresh until it is accepted",
        is(Ending::Held),
    );
    let since = standing.trouble.as_ref().map(|trouble| trouble.since);
    instant(
        registry,
        "trouble_since_timestamp",
        "Since when no refresh succeeded; 0 when the newest did",
        since,
    );
    let good = standing.good.as_ref();
    instant(
        registry,
        "source_last_success_timestamp",
        "When a refresh last succeeded in this process",
        good.map(|good| good.at),
    );
    seconds(
        registry,
        "edition_build",
        "How long the last refresh took that succeeded",
        good.map_or(0.0, |good| good.took.as_secs_f64()),
    );
    integer(
        registry,
        "refresh_running",
        "Whether a refresh is running",
        i64::from(standing.refreshing.is_some()),
    );
    integer(
        registry,
        "refresh_read_articles",
        "How many articles the newest refresh has read",
        whole(read_so_far),
    );
    integer(
        registry,
        "source_watched",
        "Whether changes of the origin are told, and not only looked for",
        i64::from(standing.unwatched.is_none()),
    );
}

fn articles(registry: &mut Registry, standing: &Standing) {
    let refreshed = standing.good.as_ref().map(|good| &good.refreshed);
    integer(
        registry,
        "articles",
        "Articles that are public",
        refreshed.map_or(0, |refreshed| whole(refreshed.public)),
    );
    let family = Family::<Labels, Integer>::default();
    for kind in RejectionKind::ALL {
        let rejected = refreshed.map_or(0, |refreshed| {
            let rejected = refreshed.intake.rejected.iter();
            rejected.filter(|rejection| rejection.kind == kind).count()
        });
        family
            .get_or_create(&[("reason", kind.name())])
            .set(whole(rejected));
    }
    registry.register(
        "articles_rejected",
        "Articles that cannot be served, by reason",
        family,
    );
    let replaced = refreshed.map_or(0, |refreshed| whole(refreshed.intake.replaced));
    integer(
        registry,
        "xml_characters_replaced",
        "Characters that XML forbids, in the articles as they are now",
        replaced,
    );
    let scheduled = standing.edition.next_publication;
    instant(
        registry,
        "next_publication_timestamp",
        "When an article becomes public by itself; 0 for never",
        scheduled,
    );
}

fn documents(registry: &mut Registry, edition: &Edition) {
    integer(
        registry,
        "documents",
        "Documents that are served",
        whole(edition.documents.len() + edition.deferred.len()),
    );
    let revision = ("revision", edition.revision());
    info(
        registry,
        "edition_info",
        "A hash of all that is served: equal replicas have equal ones",
        revision,
    );
    let family = Family::<Labels, Integer>::default();
    let total = |length: fn(&Document) -> usize| {
        whole(
            edition
                .documents
                .iter()
                .map(|document| length(document))
                .sum::<usize>(),
        )
    };
    for (coding, bytes) in [
        ("identity", total(|document| document.body.length())),
        (
            "gzip",
            total(|document| document.body.gzip.as_ref().map_or(0, bytes::Bytes::len)),
        ),
        (
            "br",
            total(|document| document.body.br.as_ref().map_or(0, bytes::Bytes::len)),
        ),
    ] {
        family.get_or_create(&[("coding", coding)]).set(bytes);
    }
    registry.register_with_unit(
        "documents_size",
        "Size of all documents, by coding",
        Unit::Bytes,
        family,
    );
}

/// What clients asked for and got.
fn public(registry: &mut Registry, snapshot: &Snapshot) {
    let requests = Family::<[(&'static str, &'static str); 2], Counter>::default();
    for request in &snapshot.requests {
        let document = request.kind.map_or("none", DocumentKind::name);
        let labels = [("document", document), ("status", request.outcome.label())];
        requests.get_or_create(&labels).inc_by(request.count);
    }
    let help = "Requests, by kind of document and by status";
    registry.register("requests", help, requests);
    let readers = Family::<[(&'static str, &'static str); 2], Counter>::default();
    for (reader, outcomes) in &snapshot.readers {
        for (outcome, count) in outcomes {
            let labels = [("reader", reader.label()), ("status", outcome.label())];
            readers.get_or_create(&labels).inc_by(*count);
        }
    }
    let help = "Requests, by kind of program and by status";
    registry.register("requests_by_reader", help, readers);
    let bytes = Family::<Labels, Counter>::default();
    for (coding, sent) in snapshot.bytes {
        bytes
            .get_or_create(&[("coding", coding.name())])
            .inc_by(sent);
    }
    let help = "Bytes of bodies that were sent, by coding";
    registry.register_with_unit("response", help, Unit::Bytes, bytes);
    let shed = Family::<Labels, Counter>::default();
    for (reason, count) in snapshot.shed {
        shed.get_or_create(&[("reason", reason.label())])
            .inc_by(count);
    }
    let help = "Connections that were ended or turned away, by reason";
    registry.register("connections_shed", help, shed);
    let help = "Connections since the start";
    registry.register("connections", help, counter(snapshot.connections_accepted));
    integer(
        registry,
        "open_connections",
        "Connections at present",
        whole(snapshot.connections_open),
    );
    let help = "From a request to its answer in the hands of the kernel";
    registry.register_with_unit(
        "request_duration",
        help,
        Unit::Seconds,
        Latency::of(snapshot),
    );
}

/// No example of a request is kept beside a bucket.
type NoLabels = [(&'static str, &'static str); 0];

/// A histogram of times that were counted elsewhere.
#[derive(Debug)]
struct Latency {
    sum: f64,
    count: u64,
    /// Upper bounds in seconds, each with how many lie between it and the one before.
    buckets: Vec<(f64, u64)>,
}

impl Latency {
    fn of(snapshot: &Snapshot) -> Self {
        let bounds = LATENCY_BOUNDS.iter().map(Duration::as_secs_f64);
        let bounds = bounds.chain([f64::MAX]);
        Self {
            sum: snapshot.latency_sum.as_secs_f64(),
            count: snapshot.latency.iter().sum(),
            buckets: bounds.zip(snapshot.latency).collect(),
        }
    }
}

impl EncodeMetric for Latency {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_histogram::<NoLabels>(self.sum, self.count, &self.buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

/// The text as a label of a value that is always 1: the type `info` of OpenMetrics is not
/// known to the older text format, which tools still read.
fn info(registry: &mut Registry, name: &str, help: &str, label: (&'static str, String)) {
    let family = Family::<[(&'static str, String); 1], Integer>::default();
    family.get_or_create(&[label]).set(1);
    registry.register(name, help, family);
}

fn counter(value: u64) -> Counter {
    let counter = Counter::default();
    counter.inc_by(value);
    counter
}

fn integer(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Integer::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}

fn seconds(registry: &mut Registry, name: &str, help: &str, value: f64) {
    let gauge = Seconds::default();
    gauge.set(value);
    registry.register_with_unit(name, help, Unit::Seconds, gauge);
}

fn instant(registry: &mut Registry, name: &str, help: &str, value: Option<Timestamp>) {
    let gauge = Integer::default();
    gauge.set(value.map_or(0, Timestamp::unix));
    registry.register_with_unit(name, help, Unit::Seconds, gauge);
}

fn whole(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
