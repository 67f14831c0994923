//! Many messages on several threads, in order (feature `threads`).

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::{Call, Error, Report, RuleSet, Scratch, Status};

/// How many messages wait for each thread, and how many results wait to be taken: enough that a thread does not run
/// dry while its neighbour works on a larger message, and little memory.
const WAITING: usize = 4;

/// A message that was worked on.
#[derive(Debug)]
pub struct Done<M> {
    /// The message that came in.
    pub message: M,
    /// What became of it.
    pub result: Result<Status, Error>,
    /// The new message where the status is [`Status::Changed`]; else empty.
    pub out: Vec<u8>,
}

/// Runs the rules over messages on `threads` threads and hands what became of them to `sink` in the order they came in.
///
/// At most a handful of messages for each thread are held at a time, so sources and sinks may be streams. `call` tells
/// the signal (and the client) of a message. `sink` ends the run with [`ControlFlow::Break`]; messages taken from the
/// source before are then worked on, but not handed out. What happened is added to `report`.
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::ops::ControlFlow;
/// use ottl::{Report, RuleSet, Signal, Status, in_order};
///
/// let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"INFO\")']").unwrap();
/// let messages = vec![vec![0x0a, 4, 0x12, 2, 0x12, 0]; 100];
/// let (mut report, mut changed) = (Report::new(), 0);
/// in_order(&rules, NonZeroUsize::new(2).unwrap(), messages, |_| Signal::Logs.into(), &mut report, |done| {
///     changed += usize::from(matches!(done.result, Ok(Status::Changed)));
///     ControlFlow::Continue(())
/// });
/// assert_eq!((changed, report.messages()), (100, 100));
/// ```
pub fn in_order<'c, M: AsRef<[u8]> + Send>(
    rules: &RuleSet,
    threads: NonZeroUsize,
    messages: impl IntoIterator<Item = M>,
    call: impl Fn(&M) -> Call<'c> + Sync,
    report: &mut Report,
    mut sink: impl FnMut(Done<M>) -> ControlFlow<()>,
) {
    let mut messages = messages.into_iter();
    let call = &call;
    std::thread::scope(|scope| {
        // Messages go to the threads in turn, and results are taken from them in turn: so they stay in order.
        let mut lanes = Vec::with_capacity(threads.get());
        let mut workers = Vec::with_capacity(threads.get());
        let first = report.number();
        for lane in (0..).take(threads.get()) {
            let (to_worker, from_caller) = sync_channel(WAITING);
            let (to_caller, from_worker) = sync_channel(WAITING);
            let numbers = (first + lane..).step_by(threads.get());
            let work = move || work(rules, &from_caller, &to_caller, call, numbers);
            workers.push(scope.spawn(work));
            lanes.push(Lane { to_worker, from_worker });
        }
        let (mut sent, mut taken) = (0usize, 0usize);
        let room = threads.get() * WAITING;
        let mut flow = ControlFlow::Continue(());
        'run: loop {
            while sent - taken < room {
                let Some(message) = messages.next() else { break };
                // A worker ends before its lane only by a panic, which the join below passes on.
                if lanes[sent % lanes.len()].to_worker.send(message).is_err() {
                    break 'run;
                }
                sent += 1;
            }
            if sent == taken {
                break;
            }
            let Ok(done) = lanes[taken % lanes.len()].from_worker.recv() else { break };
            taken += 1;
            flow = sink(done);
            if flow.is_break() {
                break;
            }
        }
        // Closing both ends lets the workers finish, also those that wait for room.
        drop(lanes);
        for worker in workers {
            match worker.join() {
                Ok(theirs) => report.merge(&theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        debug_assert!(flow.is_break() || sent == taken);
    });
}

/// The caller's ends of a thread's channels.
struct Lane<M> {
    to_worker: SyncSender<M>,
    from_worker: Receiver<Done<M>>,
}

fn work<'c, M: AsRef<[u8]>>(
    rules: &RuleSet,
    messages: &Receiver<M>,
    results: &SyncSender<Done<M>>,
    call: &(impl Fn(&M) -> Call<'c> + Sync),
    numbers: impl Iterator<Item = u64>,
) -> Report {
    let (mut scratch, mut report) = (Scratch::new(), Report::new());
    for (message, number) in messages.iter().zip(numbers) {
        report.number_next(number);
        let mut out = Vec::new();
        let result = rules.transform_into(call(&message), message.as_ref(), &mut scratch, &mut out, &mut report);
        if results.send(Done { message, result, out }).is_err() {
            break;
        }
    }
    report
}
