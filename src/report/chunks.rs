//! Drawing users in parallel and writing them in order, with bounded memory.
//!
//! Tasks run at most [`AHEAD`] chunks per thread ahead of the writer; whatever is drawn is given
//! back to be drawn into again, so that memory depends on the number of threads and the size of a
//! chunk, and on nothing else. Not to be called by a task of the pool, which would wait for itself; and
//! what is drawn must not wait for another task, which could be the one below it on the same thread.

use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc;

/// Users drawn by one task, a line each: large enough that a task outweighs its scheduling, small enough
/// that what it draws, some 400 kB, is still in a core's cache when it is written.
pub(super) const USERS: usize = 1024;

/// So many times as much as a line is what there is to say of a user with findings.
pub(super) const FINDINGS: usize = 8;

/// Chunks per thread that are drawn or wait to be written.
const AHEAD: usize = 4;

/// Calls `draw` for consecutive ranges of `chunk` users, several at a time, each with something
/// empty or used before to draw into; and `sink` with what was drawn, in order.
pub(super) fn in_order<T: Default + Send>(
    users: usize,
    chunk: usize,
    draw: impl Fn(Range<usize>, &mut T) -> io::Result<()> + Sync,
    mut sink: impl FnMut(&mut T) -> io::Result<()>,
) -> io::Result<()> {
    let chunks = users.div_ceil(chunk);
    let ahead = chunks.min(rayon::current_num_threads() * AHEAD);
    let draw = &draw;
    // This thread only hands out and writes; those of the pool draw.
    rayon::in_place_scope(|scope| {
        let (done, drawn) = mpsc::channel();
        let start = |number: usize, mut into: T| {
            let done = done.clone();
            scope.spawn(move |_| {
                let range = number * chunk..users.min((number + 1) * chunk);
                // A panic has to arrive, or the writer would wait for it for ever.
                let result = catch_unwind(AssertUnwindSafe(|| draw(range, &mut into)));
                // Nobody takes it if the writer has given up.
                let _ = done.send((number, into, result));
            });
        };
        (0..ahead).for_each(|number| start(number, T::default()));
        let mut waiting: Vec<Option<(T, io::Result<()>)>> = (0..ahead).map(|_| None).collect();
        for next in 0..chunks {
            let (mut into, result) = loop {
                if let Some(ready) = waiting[next % ahead].take() {
                    break ready;
                }
                let Ok((number, into, result)) = drawn.recv() else {
                    return Err(io::Error::other("a part of the report was not drawn"));
                };
                let result = result.unwrap_or_else(|panic| resume_unwind(panic));
                waiting[number % ahead] = Some((into, result));
            };
            result?;
            sink(&mut into)?;
            if next + ahead < chunks {
                start(next + ahead, into);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(users: usize, chunk: usize) -> Vec<u8> {
        let mut drawn = Vec::new();
        let draw = |range: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.clear();
            range.for_each(|user| buffer.extend((user as u32).to_le_bytes()));
            Ok(())
        };
        in_order(users, chunk, draw, |bytes| {
            drawn.extend_from_slice(bytes);
            Ok(())
        })
        .expect("a vector takes everything");
        drawn
    }

    proptest::proptest! {
        #[test]
        fn order_is_kept_and_nothing_is_lost(users in 0..3000_usize, chunk in 1..400_usize) {
            let expected: Vec<u8> = (0..users).flat_map(|user| (user as u32).to_le_bytes()).collect();
            proptest::prop_assert!(bytes(users, chunk) == expected);
        }
    }

    #[test]
    fn a_failing_sink_ends_it() {
        let draw = |_: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.push(b'x');
            Ok(())
        };
        let end = in_order(2000, 10, draw, |_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(end.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
    }

    #[test]
    fn a_failing_draw_ends_it_after_what_came_before() {
        let draw = |range: Range<usize>, buffer: &mut Vec<usize>| match range.start {
            500 => Err(io::Error::other("five hundred")),
            start => {
                buffer.clear();
                buffer.push(start);
                Ok(())
            }
        };
        let mut drawn = Vec::new();
        let end = in_order(2000, 10, draw, |starts| {
            drawn.append(starts);
            Ok(())
        });
        assert_eq!(
            end.map_err(|error| error.to_string()),
            Err("five hundred".to_owned())
        );
        assert_eq!(drawn, (0..500).step_by(10).collect::<Vec<_>>());
    }

    #[test]
    #[should_panic(expected = "lost")]
    fn a_panic_arrives() {
        let draw = |range: Range<usize>, _: &mut Vec<u8>| {
            assert!(range.start < 700, "lost");
            Ok(())
        };
        let _ = in_order(2000, 10, draw, |_| Ok(()));
    }
}
