//! Rules over OTLP/JSON: read to protobuf, run, and written with what no rule changed as it was.

use ottl_otlp::json::{self, Notes, Original, Style};

use crate::ruleset::KEPT_BUFFER;
use crate::{Call, Error, Outcome, Report, RuleSet, Scratch, Status};

/// What a message is read to, and what becomes of it.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    message: Vec<u8>,
    changed: Vec<u8>,
    notes: Notes,
}

impl RuleSet {
    /// Runs the rules over one OTLP/JSON message; what comes out is OTLP/JSON on one line. Records that no rule changed are
    /// the text that they were, and members that OTLP does not have stay where they were. Of a document with several signals
    /// the others stay as they are, too, unless the message is dropped.
    ///
    /// For many messages, [`RuleSet::transform_json_into`] reuses the memory. Several messages of one text, on lines for
    /// instance, are taken apart with [`crate::otlp::framing`].
    ///
    /// ```
    /// use ottl::{Output, RuleSet, Signal};
    ///
    /// let rules = RuleSet::compile("log_conditions: ['log.severity_number < SEVERITY_NUMBER_WARN']").unwrap();
    /// let noise = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":9}]}]}]}"#;
    /// assert_eq!(rules.transform_json(Signal::Logs, noise).unwrap().output, Output::Dropped);
    /// ```
    ///
    /// # Errors
    /// Text that is no OTLP/JSON, and those of [`RuleSet::transform`]. A document of other signals alone is no error: it has no
    /// message of this one, and stays as it is.
    pub fn transform_json<'c>(&self, call: impl Into<Call<'c>>, text: &[u8]) -> Result<Outcome, Error> {
        let (mut out, mut report) = (Vec::new(), Report::new());
        let status = self.transform_json_into(call, text, &mut Scratch::new(), &mut out, &mut report)?;
        Ok(Outcome { output: status.output(out), report })
    }

    /// The same in the caller's memory: the new text is appended to `out`, and counters are added to `report`.
    ///
    /// ```
    /// use ottl::{Report, RuleSet, Scratch, Signal, Status};
    ///
    /// let rules = RuleSet::compile("log_statements: ['set(log.body, \"new\")']").unwrap();
    /// let (mut scratch, mut out, mut report) = (Scratch::new(), Vec::new(), Report::new());
    /// for text in [&br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"old"}}]}]}]}"#[..], b"{"] {
    ///     out.clear();
    ///     match rules.transform_json_into(Signal::Logs, text, &mut scratch, &mut out, &mut report) {
    ///         Ok(status) => assert!(status == Status::Changed && out.ends_with(br#"{"stringValue":"new"}}]}]}]}"#)),
    ///         Err(error) => assert!(error.is_damaged() && out.is_empty(), "{error}"),
    ///     }
    /// }
    /// assert_eq!((report.messages(), report.failed_messages()), (2, 1));
    /// ```
    ///
    /// # Errors
    /// Those of [`RuleSet::transform_json`]; `out` is then as it was.
    pub fn transform_json_into<'c>(
        &self,
        call: impl Into<Call<'c>>,
        text: &[u8],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        report: &mut Report,
    ) -> Result<Status, Error> {
        let mut buffers = std::mem::take(&mut scratch.json);
        let result = self.run_json(call.into(), text, (scratch, &mut buffers, out), report);
        for buffer in [&mut buffers.message, &mut buffers.changed] {
            if buffer.capacity() > KEPT_BUFFER {
                *buffer = Vec::new();
            }
        }
        buffers.notes.shrink_to(KEPT_BUFFER);
        scratch.json = buffers;
        result
    }

    fn run_json(
        &self,
        call: Call<'_>,
        text: &[u8],
        (scratch, Buffers { message, changed, notes }, out): (&mut Scratch, &mut Buffers, &mut Vec<u8>),
        report: &mut Report,
    ) -> Result<Status, Error> {
        message.clear();
        changed.clear();
        if let Err(error) = json::read(call.signal, text, message, notes) {
            report.bind(&self.rules);
            report.count(false, true);
            return Err(Error::json(error.explain(call.signal, text), &self.rules));
        }
        let status = self.transform_into(call, message, scratch, changed, report)?;
        if status == Status::Changed {
            let original = Original { text, protobuf: message, notes, others: true };
            json::from_protobuf_like(call.signal, changed, original, out, Style::Compact)
                .map_err(|error| Error::output(error, &self.rules))?;
        }
        Ok(status)
    }
}
