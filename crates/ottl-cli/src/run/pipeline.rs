//! Messages in order through one or several threads.
//!
//! The reader makes batches, gives them to the workers and says to whom; the writer takes the results from the workers in
//! the same order, so the order needs no numbers and no buffer.
//! INVARIANT: what was read and not yet written is at most [`IN_FLIGHT`] bytes, or two messages, with any number of threads;
//! what is said of each message besides its bytes counts, too, and so does what the rules make of it: as it was with the
//! messages before, until it is known.
//! INVARIANT: when a message ends the run, what came before it has been written and nothing after it.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use ottl::otlp::Signal;
use ottl::otlp::edit::Untouched;
use ottl::otlp::framing::Format;

use super::budget::{Budget, IN_FLIGHT, Share};
use super::gzip::{self, Blocks};
use super::large::Large;
use super::left::Left;
use super::message::{Buffers, Incoming, MessageFailure, Settings, frame_len};
use super::pieces::{LEAST, Pieces};
use crate::failure::Failure;
use crate::rules::Worker;

/// A message of this size is transformed by the thread that read it, piece by piece where it can be.
pub const LARGE: usize = 6 << 20;
/// A batch of this size is full.
pub const FULL: usize = 512 << 10;
/// So is one of so many messages: each of them may fail and have its failure described.
const MOST_MESSAGES: usize = 4096;
/// More threads than there can be full batches would only wait.
const MOST_WORKERS: usize = IN_FLIGHT / FULL;

/// Messages of one input that travel together.
#[derive(Debug)]
pub struct Batch {
    file: Arc<str>,
    before: u64,
    bytes: Vec<u8>,
    messages: Vec<Entry>,
    /// Whether the bytes are the output where no rule changes anything.
    is_laid_out: bool,
    /// The share of the budget that it has.
    charge: usize,
    /// Room for what comes of it. The thread that reads makes it: what many threads allocate in turn, and another one frees, is
    /// memory that the allocator keeps for each of them.
    out: Vec<u8>,
}

#[derive(Debug)]
struct Entry {
    /// Where it starts with the frame that it has in the output if it stays as it is, where there is one.
    framed: usize,
    start: usize,
    end: usize,
    number: u64,
    offset: u64,
    position: Option<(u64, u64)>,
    format: Format,
    signal: Option<Signal>,
}

/// Buffers that go round between reader, workers and writer: a buffer that one thread allocates and another frees is
/// memory that the allocator keeps for long.
#[derive(Debug, Default)]
pub struct Pool(Mutex<Vec<Vec<u8>>>);

impl Pool {
    /// How many buffers wait at most; and how many bytes those that hold a single message which is larger than a batch.
    const MOST: usize = 16;
    const MOST_LONG: usize = 16 << 20;
    /// The longest that waits: the allocator gives longer ones back by itself, whichever thread frees them.
    const LONGEST: usize = 16 << 20;
    /// The capacity from which a buffer is a long one.
    const LONG: usize = 2 * FULL;

    /// A buffer, with room for so many bytes if there is such a one.
    pub fn take(&self, room: usize) -> Vec<u8> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = (0..waiting.len()).filter(|idx| waiting[*idx].capacity() >= room);
        match fits.min_by_key(|idx| waiting[*idx].capacity()) {
            Some(idx) => waiting.swap_remove(idx),
            None => waiting.pop_if(|buffer| buffer.capacity() < Pool::LONG).unwrap_or_default(),
        }
    }

    /// Takes a buffer back, whatever is in it.
    pub fn give(&self, mut buffer: Vec<u8>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_long = |buffer: &Vec<u8>| buffer.capacity() >= Pool::LONG;
        let alike = || waiting.iter().filter(|other| is_long(other) == is_long(&buffer));
        let has_room = match is_long(&buffer) {
            true => alike().map(Vec::capacity).sum::<usize>() + buffer.capacity() <= Pool::MOST_LONG,
            false => alike().count() < Pool::MOST,
        };
        if has_room && (1..=Pool::LONGEST).contains(&buffer.capacity()) {
            buffer.clear();
            waiting.push(buffer);
        }
    }
}

impl Batch {
    /// An empty batch of an input, whose messages come behind so many numbers of the run.
    pub fn new(file: &Arc<str>, before: u64) -> Batch {
        Batch {
            file: file.clone(),
            before,
            bytes: Vec::new(),
            messages: Vec::new(),
            is_laid_out: false,
            charge: 0,
            out: Vec::new(),
        }
    }

    /// Adds a copy of a message, with the frame that it would have in the output.
    pub fn push(&mut self, message: Incoming<'_>, settings: &Settings<'_>) {
        if self.messages.is_empty() {
            self.bytes = settings.pool.take(message.bytes.len());
            self.is_laid_out = settings.is_laid_out(message.format);
        }
        let framed = self.bytes.len();
        if self.is_laid_out && settings.format(message.format) == Format::LengthPrefixed {
            match frame_len(message.bytes.len()) {
                Ok(len) => self.bytes.extend_from_slice(&len),
                Err(_) => self.is_laid_out = false,
            }
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(message.bytes);
        let Incoming { number, offset, position, format, signal, .. } = message;
        self.messages.push(Entry { framed, start, end: self.bytes.len(), number, offset, position, format, signal });
    }

    /// Whether nothing should be added any more. What becomes a block of gzip is longer.
    pub fn is_full(&self, settings: &Settings<'_>) -> bool {
        let full = if settings.gzip().is_some() { gzip::BLOCK } else { FULL };
        self.bytes.len() >= full || self.messages.len() >= MOST_MESSAGES
    }

    /// The bytes that it takes.
    fn weight(&self) -> usize {
        self.bytes.len() + self.messages.len() * size_of::<Entry>()
    }

    /// The bytes that its forms between those of the input and the output take, beyond its own: text becomes protobuf, twice.
    fn forms(&self) -> usize {
        if self.messages.first().is_some_and(|first| first.format == Format::Json) { self.bytes.len() / 2 } else { 0 }
    }

    /// Makes room for what comes of it, which is likely to have so many bytes.
    fn reserve(&mut self, bytes: usize, pool: &Pool) {
        // Most rules change the size by little; a buffer that doubles would take twice the memory.
        let room = bytes.max(self.bytes.len()) + self.bytes.len() / 8;
        self.out = pool.take(room);
        self.out.reserve(room);
    }

    /// How many numbers of the run come before those of its input.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// Whether it holds no message.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    fn incoming(&self) -> impl Iterator<Item = Incoming<'_>> {
        self.messages.iter().map(|entry| Incoming {
            bytes: &self.bytes[entry.start..entry.end],
            number: entry.number,
            offset: entry.offset,
            position: entry.position,
            format: entry.format,
            signal: entry.signal,
        })
    }
}

/// What became of a batch, or a piece of what became of a large message.
#[derive(Debug)]
pub struct Done {
    /// The input.
    pub file: Arc<str>,
    /// What to write.
    pub out: Pieces,
    /// What it was, if it is a block of gzip.
    pub deflated: Option<Deflated>,
    /// The signals of what is to be written, with the number of messages.
    pub signals: Vec<(Signal, u64)>,
    /// Messages that failed. Without `keep_going` at most one, and nothing after it was done.
    pub failures: Vec<MessageFailure>,
    /// The share of the budget that it has.
    pub charge: usize,
}

/// What a block of gzip was.
#[derive(Debug)]
pub struct Deflated {
    /// Bytes of its content.
    pub len: usize,
    /// Their checksum.
    pub crc: Crc,
}

impl Done {
    /// Something to write, of which nothing else is known.
    fn new(file: &Arc<str>, out: impl Into<Pieces>) -> Done {
        Done {
            file: file.clone(),
            out: out.into(),
            deflated: None,
            signals: Vec::new(),
            failures: Vec::new(),
            charge: 0,
        }
    }

    /// Deflates what is to be written, where the output is gzip: here and not where it is written, for that is one thread.
    fn deflated(mut self, settings: &Settings<'_>) -> Done {
        let Some(level) = settings.gzip().filter(|_| self.out.len() >= gzip::LEAST) else { return self };
        let content = std::mem::take(&mut self.out).joined(&settings.pool);
        let mut block = settings.pool.take(content.len() / 8);
        self.out = match gzip::deflate(&content, level, &mut block) {
            Some(crc) => {
                self.deflated = Some(Deflated { len: content.len(), crc });
                settings.pool.give(content);
                block.into()
            }
            None => content.into(),
        };
        self
    }
}

/// What a thread works with.
pub struct Hand {
    worker: Worker,
    buffers: Buffers,
}

impl Hand {
    /// Fresh memory.
    pub fn new() -> Hand {
        Hand { worker: Worker::default(), buffers: Buffers::default() }
    }

    /// What the thread has counted.
    pub fn into_worker(self) -> Worker {
        self.worker
    }

    /// Transforms a batch.
    fn batch(&mut self, settings: &Settings<'_>, mut batch: Batch) -> Done {
        let _working = settings.helpers.begin();
        let mut done = Done { charge: batch.charge, ..Done::new(&batch.file, Vec::new()) };
        let (mut out, mut untouched) = (std::mem::take(&mut batch.out), Untouched::new(LEAST));
        let can_leave = batch.is_laid_out && !settings.program.watch().diff;
        for (mut message, entry) in batch.incoming().zip(&batch.messages) {
            let cut = if settings.keep_going { message.cut() } else { None };
            let is_whole = cut.is_none();
            if let Some((whole, failure)) = cut {
                message.bytes = &message.bytes[..whole];
                done.failures.push(failure);
            }
            let framed = entry.framed..entry.end;
            let left = (can_leave && is_whole).then_some(Left { runs: &mut untouched, framed });
            self.worker.number_next(batch.before + message.number, message.position.map(|(line, _)| line));
            let start = out.len();
            let processed = settings.process(message, &mut self.worker, &mut self.buffers, &mut out, left);
            if settings.program.watch().diff {
                out.truncate(start);
                self.worker.changes().take(&batch.file, message.number, &mut out);
            }
            match processed {
                Ok(written) => {
                    for signal in written.into_iter().flatten() {
                        match done.signals.iter_mut().find(|(other, _)| *other == signal) {
                            Some((_, count)) => *count += 1,
                            None => done.signals.push((signal, 1)),
                        }
                    }
                }
                Err(failure) => {
                    let last = failure.refused || !settings.keep_going;
                    done.failures.push(failure);
                    if last {
                        break;
                    }
                }
            }
        }
        settings.seen.members.merge(&batch.file, std::mem::take(&mut self.buffers.members));
        done.out = Pieces { came: batch.bytes, made: out, left: untouched };
        done.out.release(&settings.pool);
        done
    }

    /// Transforms a large message of an input and gives its output away, piece by piece.
    fn large(
        &mut self,
        settings: &Settings<'_>,
        file: &Arc<str>,
        mut message: Large,
        mut give: impl FnMut(Done) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let working = settings.helpers.begin();
        let mut last = Done::new(file, Vec::new());
        self.worker.number_next(message.before + message.number, message.position.map(|(line, _)| line));
        let number = message.number;
        let cut = if settings.keep_going { message.incoming().cut() } else { None };
        if let Some((whole, failure)) = cut {
            message.bytes.truncate(whole);
            last.failures.push(failure);
        }
        let transformed = settings.transform_large(message, &mut self.worker, &mut self.buffers.members);
        drop(working);
        if settings.program.watch().diff {
            self.worker.changes().take(file, number, &mut last.out.made);
        }
        settings.seen.members.merge(file, std::mem::take(&mut self.buffers.members));
        match transformed {
            Ok(_) if settings.program.watch().diff => {}
            Ok(parts) => {
                for ready in parts {
                    // Whether the message can be written here at all shows before the first piece of it.
                    let signals = ready.signal.map(|signal| (signal, 1)).into_iter().collect();
                    give(Done { signals, ..Done::new(file, Vec::new()) })?;
                    if settings.gzip().is_none() {
                        settings.write_large(ready, |pieces| give(Done::new(file, pieces)))?;
                        continue;
                    }
                    let mut give = |block: Vec<u8>| give(Done::new(file, block));
                    let mut blocks = Blocks::default();
                    settings.write_large(ready, |pieces| {
                        pieces.iter().try_for_each(|piece| blocks.add(piece, &mut give))
                    })?;
                    give(blocks.rest())?;
                }
            }
            Err(failure) => last.failures.push(failure),
        }
        give(last)
    }
}

/// The hands of all threads, lent for one batch at a time. The one that was given back last goes out first: of large messages
/// only two are worked on at once, and then only two hands have grown with them, whatever the number of threads.
#[derive(Default)]
struct Hands(Mutex<Vec<Hand>>);

impl Hands {
    /// How many hands may keep what they needed for a large message.
    const MOST_GROWN: usize = 2;

    fn take(&self) -> Hand {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_else(Hand::new)
    }

    fn give(&self, mut hand: Hand) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.iter().filter(|other| other.buffers.has_grown()).count() >= Hands::MOST_GROWN {
            hand.buffers.shrink();
        }
        idle.push(hand);
    }

    /// Transforms a batch with one of them.
    fn batch(&self, settings: &Settings<'_>, batch: Batch) -> Done {
        let mut hand = self.take();
        let done = hand.batch(settings, batch);
        self.give(hand);
        done
    }

    fn into_workers(self) -> impl Iterator<Item = Worker> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().map(Hand::into_worker)
    }
}

/// Takes results in order. An error ends the run.
pub type Write<'w> = dyn FnMut(Done) -> Result<(), Failure> + Send + 'w;

/// Where the reader puts messages. An error means that the run has ended and the reader should, too.
pub trait Sink {
    /// Takes a batch.
    fn batch(&mut self, batch: Batch) -> Result<(), Failure>;
    /// Takes one large message.
    fn large(&mut self, file: &Arc<str>, message: Large) -> Result<(), Failure>;
}

/// Whether a message should go to [`Sink::large`].
pub fn is_large(message: &[u8]) -> bool {
    message.len() >= LARGE
}

/// All in the calling thread.
struct Alone<'a, 'w> {
    settings: &'a Settings<'a>,
    hand: Hand,
    write: &'a mut Write<'w>,
}

impl Sink for Alone<'_, '_> {
    fn batch(&mut self, mut batch: Batch) -> Result<(), Failure> {
        batch.reserve(0, &self.settings.pool);
        (self.write)(self.hand.batch(self.settings, batch).deflated(self.settings))
    }

    fn large(&mut self, file: &Arc<str>, message: Large) -> Result<(), Failure> {
        let Alone { settings, hand, write } = self;
        hand.large(settings, file, message, |done| write(done.deflated(settings)))
    }
}

/// Work for a thread: a batch, or a result that only needs its place in the order.
enum Job {
    Work(Batch),
    Done(Done),
}

/// What the reader gets when the writer has ended: it only stops, the writer knows why.
const ENDED: Failure = Failure::ClosedPipe;

/// The reader's end of several threads.
struct Team<'a> {
    settings: &'a Settings<'a>,
    hands: &'a Hands,
    lanes: Lanes,
    budget: &'a Budget,
}

/// The ways to the workers.
struct Lanes {
    workers: Vec<SyncSender<Job>>,
    /// To whom each job went, for the writer.
    order: Sender<usize>,
    next: usize,
}

impl Lanes {
    /// Gives a job with this share of the budget to a worker. Where few such jobs fit into the budget, few workers are
    /// asked: each keeps some of the memory that it has needed.
    fn send(&mut self, job: Job, charge: usize) -> Result<(), Failure> {
        let asked = (2 * LARGE / charge.max(1)).clamp(1, self.workers.len());
        let worker = self.next % asked;
        self.next = worker + 1;
        self.workers[worker].send(job).map_err(|_| ENDED)?;
        self.order.send(worker).map_err(|_| ENDED)
    }
}

impl Team<'_> {
    fn room_for(&self, weight: usize, forms: usize) -> Result<Share, Failure> {
        self.budget.take(weight, forms).ok_or(ENDED)
    }
}

impl Sink for Team<'_> {
    fn batch(&mut self, mut batch: Batch) -> Result<(), Failure> {
        let weight = batch.weight();
        let forms = batch.forms();
        let Share { charge, room, is_alone } = self.room_for(weight, forms)?;
        batch.charge = charge;
        batch.reserve(room, &self.settings.pool);
        let job = match is_alone {
            // Nothing else would be worked on meanwhile, and the next one need not be in memory before this one is done.
            true => Job::Done(self.budget.settled(weight, forms, self.hands.batch(self.settings, batch))),
            false => Job::Work(batch),
        };
        self.lanes.send(job, charge)
    }

    fn large(&mut self, file: &Arc<str>, message: Large) -> Result<(), Failure> {
        let mut held = self.room_for(message.bytes.len(), 0)?.charge;
        let Team { settings, hands, lanes, budget } = self;
        let mut hand = hands.take();
        let result = hand.large(settings, file, message, |mut done| {
            // The message is gone, and its pieces count for themselves: one long string makes a large one.
            budget.give_back(std::mem::take(&mut held));
            done.charge = done.out.held();
            budget.take_output(done.charge).ok_or(ENDED)?;
            let charge = done.charge;
            lanes.send(Job::Done(done), charge)
        });
        hands.give(hand);
        result
    }
}

/// Runs `read` with a sink for its messages; `write` gets the results in order. Returns what the threads counted.
///
/// # Errors
/// The first error of `write`, else that of `read`.
pub fn pipeline(
    settings: &Settings<'_>,
    threads: usize,
    read: impl FnOnce(&mut dyn Sink) -> Result<(), Failure>,
    write: &mut Write<'_>,
) -> (Result<(), Failure>, Vec<Worker>) {
    if threads <= 1 {
        let mut alone = Alone { settings, hand: Hand::new(), write };
        let result = read(&mut alone);
        return (result, vec![alone.hand.into_worker()]);
    }
    let threads = threads.min(MOST_WORKERS);
    let budget = Budget::new();
    let hands = Hands::default();
    let result = std::thread::scope(|scope| {
        let mut workers = Vec::with_capacity(threads);
        let mut results = Vec::with_capacity(threads);
        let mut running = Vec::with_capacity(threads);
        let (budget, hands) = (&budget, &hands);
        for _ in 0..threads {
            let (job_sender, jobs) = sync_channel(1);
            let (done_sender, done) = sync_channel(1);
            workers.push(job_sender);
            results.push(done);
            running.push(scope.spawn(move || work(settings, hands, budget, jobs, &done_sender)));
        }
        let (order, turns) = channel();
        let writer = scope.spawn(move || {
            let result = take_in_turn(&results, &turns, budget, write);
            budget.end();
            result
        });
        let lanes = Lanes { workers, order, next: 0 };
        let mut team = Team { settings, hands, lanes, budget };
        let read = read(&mut team);
        drop(team);
        let written = writer.join().unwrap_or_else(|_| Err(died()));
        let mut result = written.and(read);
        for thread in running {
            if thread.join().is_err() {
                result = Err(died());
            }
        }
        result
    });
    (result, hands.into_workers().collect())
}

/// What is said when a thread panicked, which is a fault of this program.
fn died() -> Failure {
    Failure::Failed("a thread ended unexpectedly; this is a fault in ottl".to_owned())
}

fn work(settings: &Settings<'_>, hands: &Hands, budget: &Budget, jobs: Receiver<Job>, results: &SyncSender<Done>) {
    for job in jobs {
        let done = match job {
            Job::Done(done) => done,
            Job::Work(batch) => {
                let (weight, forms) = (batch.weight(), batch.forms());
                budget.settled(weight, forms, hands.batch(settings, batch))
            }
        };
        if results.send(done.deflated(settings)).is_err() {
            break;
        }
    }
}

fn take_in_turn(
    results: &[Receiver<Done>],
    turns: &Receiver<usize>,
    budget: &Budget,
    write: &mut Write<'_>,
) -> Result<(), Failure> {
    for worker in turns {
        // Without its result the worker has died, which its end says.
        let Ok(done) = results[worker].recv() else { break };
        let charge = done.charge;
        write(done)?;
        budget.give_back(charge);
    }
    Ok(())
}
