//! What the server counts, as Prometheus reads it. Requests count in plain atomics; the text is put together
//! when somebody asks for it.

use metrics::{Key, KeyName, Label, Level, Metadata, Recorder, SharedString, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::endpoint::table::Table;
use crate::module::registry::ModuleState;

const METADATA: Metadata<'static> = Metadata::new("loggia", Level::INFO, None);

/// The text for Prometheus.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let metrics = Metrics { recorder, handle };
        metrics.describe();
        metrics
    }
}

/// What is looked at when somebody asks, because it counts itself.
pub struct Observed<'a> {
    /// The endpoints, with their counts.
    pub table: &'a Table,
    /// What becomes of each module.
    pub modules: Vec<ModuleState>,
    /// Rows of the access log that were dropped, once there is a log.
    pub dropped_rows: Option<u64>,
    /// Requests in flight.
    pub in_flight: usize,
}

impl Metrics {
    fn describe(&self) {
        for (name, unit, text) in [
            (
                "loggia_requests_total",
                Unit::Count,
                "Requests by endpoint and result.",
            ),
            (
                "loggia_request_duration_us_total",
                Unit::Microseconds,
                "Time spent on requests, by endpoint.",
            ),
            (
                "loggia_module_panics_total",
                Unit::Count,
                "Calls that panicked, by module.",
            ),
            (
                "loggia_access_log_dropped_total",
                Unit::Count,
                "Rows of the access log that were dropped.",
            ),
        ] {
            self.recorder.describe_counter(
                KeyName::from(name),
                Some(unit),
                SharedString::const_str(text),
            );
        }
        for (name, text) in [
            ("loggia_in_flight", "Requests in flight."),
            ("loggia_module_serving", "Whether a module serves."),
            (
                "loggia_module_generation",
                "The generation of a module's instance.",
            ),
            (
                "loggia_module_waiting",
                "Calls that wait for a thread of their module.",
            ),
            (
                "loggia_module_lost_threads",
                "Threads in calls that never ended.",
            ),
        ] {
            self.recorder.describe_gauge(
                KeyName::from(name),
                Some(Unit::Count),
                SharedString::const_str(text),
            );
        }
    }

    /// Everything as it stands.
    pub fn render(&self, observed: &Observed<'_>) -> String {
        for endpoint in observed.table.all() {
            let label = || Label::new("endpoint", endpoint.name.to_string());
            let counts = &endpoint.counts;
            for (result, requests) in [("ok", counts.ok()), ("ko", counts.ko())] {
                let labels = vec![label(), Label::new("result", result)];
                self.count("loggia_requests_total", labels, requests);
            }
            let duration_us = counts.duration_us();
            self.count(
                "loggia_request_duration_us_total",
                vec![label()],
                duration_us,
            );
        }
        self.render_modules(&observed.modules);
        if let Some(rows) = observed.dropped_rows {
            self.count("loggia_access_log_dropped_total", Vec::new(), rows);
        }
        self.gauge("loggia_in_flight", Vec::new(), observed.in_flight as u64);
        self.handle.render()
    }

    fn render_modules(&self, modules: &[ModuleState]) {
        for state in modules {
            let label = || vec![Label::new("module", state.name.clone())];
            self.count("loggia_module_panics_total", label(), state.panics);
            self.gauge(
                "loggia_module_serving",
                label(),
                u64::from(state.trouble.is_none()),
            );
            self.gauge(
                "loggia_module_generation",
                label(),
                state.generation.unwrap_or(0),
            );
            self.gauge("loggia_module_waiting", label(), state.waiting as u64);
            self.gauge(
                "loggia_module_lost_threads",
                label(),
                state.lost_threads as u64,
            );
        }
    }

    fn count(&self, name: &'static str, labels: Vec<Label>, value: u64) {
        self.recorder
            .register_counter(&Key::from_parts(name, labels), &METADATA)
            .absolute(value);
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a gauge is a float; these numbers are small"
    )]
    fn gauge(&self, name: &'static str, labels: Vec<Label>, value: u64) {
        self.recorder
            .register_gauge(&Key::from_parts(name, labels), &METADATA)
            .set(value as f64);
    }
}
