//! [`Wire`]: the protocol's messages on standard input and output.
//!
//! INVARIANT: what an editor sends is read as far as it goes, so that a length takes no memory by itself; a message that is none is
//! answered by a line of the editor's log, and the next one is read. What is no frame ends the server, with the reason.

use std::io::{self, BufRead, Read as _};
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::bounded;
use lsp_server::{Connection, Message, Notification};
use serde_json::json;

use crate::failure::Failure;

/// The longest line of a frame's head.
const LONGEST_LINE: u64 = 4 << 10;

/// The longest message.
const LONGEST: u64 = 64 << 20;

/// The threads that read and write, and the ends of them that the server holds.
pub struct Wire {
    pub connection: Connection,
    reader: JoinHandle<Result<(), String>>,
    writer: JoinHandle<io::Result<()>>,
}

impl Wire {
    /// Begins to read.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn open() -> Result<Wire, Failure> {
        // What is not taken yet is not read either.
        let (sender, asked) = bounded(0);
        let (answers, receiver) = bounded::<Message>(0);
        let connection = Connection { sender: answers, receiver: asked };
        let log = connection.sender.clone();
        let read = move || {
            let mut input = io::stdin().lock();
            while let Some(content) = content(&mut input)? {
                let message = match serde_json::from_slice(&content) {
                    Ok(message) => message,
                    Err(error) => {
                        let text = format!("ottl: a message of {} bytes cannot be read: {error}", content.len());
                        let params = json!({ "type": 1, "message": text });
                        let note = Notification { method: "window/logMessage".to_owned(), params };
                        if log.send(note.into()).is_err() {
                            break;
                        }
                        continue;
                    }
                };
                let ends = matches!(&message, Message::Notification(note) if note.method == "exit");
                if sender.send(message).is_err() || ends {
                    break;
                }
            }
            Ok(())
        };
        let write = move || receiver.into_iter().try_for_each(|message| message.write(&mut io::stdout().lock()));
        let failed = |error: io::Error| Failure::Failed(format!("cannot start a thread: {error}"));
        Ok(Wire {
            connection,
            reader: Builder::new().spawn(read).map_err(failed)?,
            writer: Builder::new().spawn(write).map_err(failed)?,
        })
    }

    /// Waits until all is written.
    ///
    /// # Errors
    /// What was read was no frame, or something could not be written.
    pub fn close(self) -> Result<(), Failure> {
        drop(self.connection);
        let panicked = |_| Failure::Failed("a thread of the server panicked".to_owned());
        self.reader
            .join()
            .map_err(panicked)?
            .map_err(|why| Failure::Failed(format!("standard input: the editor does not speak the protocol: {why}")))?;
        self.writer.join().map_err(panicked)?.map_err(|error| Failure::write("standard output", error))
    }
}

/// The content of the next frame; nothing at the end.
fn content(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, String> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
        if line.is_empty() && length.is_none() {
            return Ok(None);
        }
        let line = match line.strip_suffix(b"\n") {
            Some(line) => String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)),
            None => return Err("a frame ends in its head".to_owned()),
        };
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or("a frame begins with lines such as `Content-Length: 42`")?;
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            let said = value.trim().parse::<u64>().ok().filter(|said| *said <= LONGEST);
            length = Some(said.ok_or_else(|| format!("a `Content-Length` is a number up to {LONGEST}"))?);
        }
    }
    let length = length.ok_or("a frame has a `Content-Length`")?;
    let mut content = Vec::new();
    input.take(length).read_to_end(&mut content).map_err(|error| error.to_string())?;
    match content.len() as u64 == length {
        true => Ok(Some(content)),
        false => Err("a frame ends before its length".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_or_refused() {
        let read = |input: &[u8]| content(&mut &*input);
        let two = b"content-length:2\r\nContent-Type: x\r\n\r\n{}Content-Length: 4\n\nnull";
        let mut input = &two[..];
        assert_eq!(content(&mut input), Ok(Some(b"{}".to_vec())));
        assert_eq!(content(&mut input), Ok(Some(b"null".to_vec())));
        assert_eq!(content(&mut input), Ok(None));
        for (input, why) in [
            (&b"garbage\r\n\r\n"[..], "begins with lines"),
            (b"\r\n\r\n", "has a `Content-Length`"),
            (b"Content-Length: -1\r\n\r\n", "is a number up to"),
            (b"Content-Length: 99999999999999\r\n\r\n", "is a number up to"),
            (b"Content-Length: 9\r\n\r\n{}", "before its length"),
            (b"Content-Length: 9", "in its head"),
            (&[b'x'; 9000], "in its head"),
        ] {
            let refused = read(input).expect_err("no frame");
            assert!(refused.contains(why), "{refused}");
        }
    }
}
