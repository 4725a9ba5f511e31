//! Drawing users in parallel and writing them in order, with bounded memory.

use std::io;
use std::ops::Range;

use rayon::prelude::*;

/// Users drawn by one task: large enough that a task outweighs its scheduling, small enough that
/// all buffers together stay in the megabytes.
const USERS: usize = 4096;

/// Calls `draw` for consecutive ranges of `users`, several at a time, and `sink` with each
/// range's bytes in order. While one batch is written, the next is drawn.
pub(super) fn in_order(
    users: usize,
    draw: impl Fn(Range<usize>, &mut Vec<u8>) -> io::Result<()> + Sync,
    sink: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    in_order_by(USERS, users, draw, sink)
}

/// The same, for ranges of `each` users; the last may be shorter.
pub(super) fn in_order_by(
    each: usize,
    users: usize,
    draw: impl Fn(Range<usize>, &mut Vec<u8>) -> io::Result<()> + Sync,
    mut sink: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let batch = rayon::current_num_threads() * 2;
    let step = each * batch;
    let fill = |buffers: &mut Vec<Vec<u8>>, start: usize| {
        buffers
            .par_iter_mut()
            .enumerate()
            .try_for_each(|(index, buffer)| {
                buffer.clear();
                let first = start + index * each;
                if first < users {
                    draw(first..users.min(first + each), buffer)?;
                }
                Ok::<(), io::Error>(())
            })
    };
    let mut ready = vec![Vec::new(); batch];
    let mut next = vec![Vec::new(); batch];
    fill(&mut ready, 0)?;
    for start in (step..).step_by(step) {
        if start >= users {
            break;
        }
        std::thread::scope(|scope| {
            let filling = scope.spawn(|| fill(&mut next, start));
            ready.iter().try_for_each(|buffer| sink(buffer))?;
            filling
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })?;
        std::mem::swap(&mut ready, &mut next);
    }
    ready.iter().try_for_each(|buffer| sink(buffer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_nothing_is_lost() {
        for users in [0, 1, USERS, USERS + 1, USERS * 9 + 5] {
            let mut drawn = Vec::new();
            let draw = |range: Range<usize>, buffer: &mut Vec<u8>| {
                range.for_each(|user| buffer.extend((user as u32).to_le_bytes()));
                Ok(())
            };
            in_order(users, draw, |bytes| {
                drawn.extend_from_slice(bytes);
                Ok(())
            })
            .expect("a vector takes everything");
            let expected: Vec<u8> = (0..users).flat_map(|user| (user as u32).to_le_bytes()).collect();
            assert!(drawn == expected, "{users} users");
        }
    }

    #[test]
    fn a_failing_sink_ends_it() {
        let draw = |_: Range<usize>, buffer: &mut Vec<u8>| {
            buffer.push(b'x');
            Ok(())
        };
        let end = in_order(USERS * 20, draw, |_| Err(io::ErrorKind::BrokenPipe.into()));
        assert_eq!(end.map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
    }
}
