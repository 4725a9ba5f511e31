//! How many requests are in flight at once.
//!
//! Starts at the server's hint (`x-ms-dop-hint`; vendor's page on parallel requests, read
//! 2026-11-23) within what the user allows, halves when the service says that it is too much, and
//! grows by one after as many good answers as there are lanes. Never more than 52, which is the
//! least limit that the service has.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// The service's limit for each user and web server (service protection, read 2026-11-23).
const LIMIT: usize = 52;

/// The lanes of one client.
#[derive(Debug)]
pub(super) struct Lanes {
    state: Mutex<State>,
    freed: Notify,
    most: usize,
}

#[derive(Debug)]
struct State {
    open: usize,
    taken: usize,
    /// Good answers in a row since the number last changed.
    good: usize,
    hinted: bool,
    /// How often it was halved: requests sent before the last time tell nothing new.
    halved: u64,
}

/// A lane that is taken; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    lanes: &'a Lanes,
    halved: u64,
}

impl Lanes {
    pub(super) fn new(most: usize) -> Lanes {
        let most = most.clamp(1, LIMIT);
        Lanes {
            state: Mutex::new(State {
                open: most,
                taken: 0,
                good: 0,
                hinted: false,
                halved: 0,
            }),
            freed: Notify::new(),
            most,
        }
    }

    /// Waits for a free lane.
    pub(super) async fn enter(&self) -> Lane<'_> {
        loop {
            // Before looking, so that a lane given back meanwhile is not missed.
            let freed = self.freed.notified();
            if let Some(lane) = self.try_enter() {
                return lane;
            }
            freed.await;
        }
    }

    fn try_enter(&self) -> Option<Lane<'_>> {
        self.change(|state| {
            let free = state.taken < state.open;
            state.taken += usize::from(free);
            free.then(|| Lane {
                lanes: self,
                halved: state.halved,
            })
        })
    }

    /// What the server recommends. Only the first time: from then on experience counts.
    pub(super) fn hint(&self, lanes: usize) {
        self.change(|state| {
            if !state.hinted {
                state.hinted = true;
                state.open = state.open.min(lanes.max(1));
            }
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Lane<'_> {
    /// The request was answered well.
    pub(super) fn good(&self) {
        self.lanes.change(|state| {
            state.good += 1;
            if state.good >= state.open && state.open < self.lanes.most {
                state.open += 1;
                state.good = 0;
            }
        });
        self.lanes.freed.notify_waiters();
    }

    /// The service says that it is too much.
    pub(super) fn too_much(&self) {
        self.lanes.change(|state| {
            // Requests in flight are refused together; that is one refusal.
            if state.halved == self.halved {
                state.open = (state.open / 2).max(1);
                state.halved += 1;
                tracing::info!(at_once = state.open, "fewer requests at once");
            }
            state.good = 0;
        });
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.lanes.change(|state| state.taken -= 1);
        self.lanes.freed.notify_waiters();
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    /// How many lanes can be taken.
    fn open(lanes: &Lanes) -> usize {
        let taken: Vec<Lane<'_>> = std::iter::from_fn(|| lanes.try_enter()).collect();
        taken.len()
    }

    #[test]
    fn never_more_than_allowed() {
        assert_eq!(open(&Lanes::new(0)), 1);
        assert_eq!(open(&Lanes::new(8)), 8);
        assert_eq!(open(&Lanes::new(1000)), 52);
        let lanes = Lanes::new(3);
        for _ in 0..100 {
            lanes.try_enter().expect("a lane").good();
        }
        assert_eq!(open(&lanes), 3);
    }

    #[test]
    fn the_first_hint_counts_within_what_is_allowed() {
        let lanes = Lanes::new(8);
        lanes.hint(20);
        lanes.hint(2);
        assert_eq!(open(&lanes), 8);
        let lanes = Lanes::new(8);
        lanes.hint(0);
        assert_eq!(open(&lanes), 1);
    }

    #[test]
    fn fewer_when_it_is_too_much_and_more_when_all_is_well() {
        let lanes = Lanes::new(16);
        lanes.hint(8);
        let sent_together: Vec<Lane<'_>> = (0..8).map(|_| lanes.try_enter().expect("a lane")).collect();
        for lane in sent_together {
            lane.too_much();
        }
        assert_eq!(open(&lanes), 4, "refused together is refused once");
        lanes.try_enter().expect("a lane").too_much();
        assert_eq!(open(&lanes), 2);
        for _ in 0..2 {
            lanes.try_enter().expect("a lane").good();
        }
        assert_eq!(open(&lanes), 3);
        for _ in 0..2 {
            lanes.try_enter().expect("a lane").good();
        }
        assert_eq!(open(&lanes), 3, "three lanes ask for three good answers");
        lanes.try_enter().expect("a lane").good();
        assert_eq!(open(&lanes), 4);
        for _ in 0..9 {
            lanes.try_enter().expect("a lane").too_much();
        }
        assert_eq!(open(&lanes), 1);
    }

    #[tokio::test]
    async fn a_lane_given_back_is_taken_at_once() {
        let lanes = Lanes::new(1);
        let lane = lanes.enter().await;
        let (_, ()) = tokio::join!(lanes.enter(), async { drop(lane) });
    }
}
