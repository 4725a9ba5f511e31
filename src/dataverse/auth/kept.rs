//! A token kept, and renewed in good time, once for all requests in flight.

use std::fmt;
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::answer::Fresh;
use super::{AccessToken, AuthError, Later, TokenSource};

/// The longest time before its end at which a token is renewed. A short-lived one is renewed when a
/// quarter of its life is left.
const MARGIN: Duration = Duration::from_secs(300);

/// A way to get a token, asked whenever one is needed.
pub(super) trait Grant: Send + Sync {
    /// A new token.
    fn fetch(&self) -> Later<'_, Fresh>;

    /// What gives it, for messages: a noun.
    fn giver(&self) -> &'static str;
}

/// The tokens of one [`Grant`].
pub(super) struct Kept {
    grant: Box<dyn Grant>,
    /// Locked while a token is fetched, so that one request fetches it and all others wait.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The last failure: those who waited for it get it, too, and do not try for themselves.
    failed: Option<(Instant, AuthError)>,
}

struct Held {
    token: AccessToken,
    renew_at: Option<Instant>,
    ends_at: Option<Instant>,
    /// Whether it replaced one that the environment had refused.
    replacement: bool,
}

impl Held {
    fn new(fresh: Fresh, replacement: bool) -> Held {
        // A monotonic clock: a wrong time of day changes nothing.
        let now = Instant::now();
        let ends = |lifetime: Duration| now.checked_add(lifetime);
        let renew = |lifetime: Duration| ends(lifetime - MARGIN.min(lifetime / 4));
        Held {
            token: AccessToken::new(fresh.token),
            renew_at: fresh.lifetime.and_then(renew),
            ends_at: fresh.lifetime.and_then(ends),
            replacement,
        }
    }
}

impl State {
    fn failed_since(&self, moment: Instant) -> Option<AuthError> {
        let (when, error) = self.failed.as_ref()?;
        (*when >= moment).then(|| error.clone())
    }

    fn fail(&mut self, error: AuthError) -> AuthError {
        self.failed = Some((Instant::now(), error.clone()));
        error
    }
}

impl Kept {
    pub(super) fn new(grant: impl Grant + 'static) -> Kept {
        Kept {
            grant: Box::new(grant),
            state: Mutex::default(),
        }
    }

    async fn current(&self) -> Result<AccessToken, AuthError> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        let now = Instant::now();
        if let Some(held) = &state.held
            && held.renew_at.is_none_or(|moment| now < moment)
        {
            return Ok(held.token.clone());
        }
        if let Some(error) = state.failed_since(asked) {
            return Err(error);
        }
        match self.grant.fetch().await {
            Ok(fresh) => {
                tracing::info!(
                    by = self.grant.giver(),
                    seconds = fresh.lifetime.map(|lifetime| lifetime.as_secs()),
                    "got an access token"
                );
                let held = state.held.insert(Held::new(fresh, false));
                Ok(held.token.clone())
            }
            Err(error) => {
                let now = Instant::now();
                if let Some(held) = &mut state.held
                    && let Some(left) = held.ends_at.and_then(|end| end.checked_duration_since(now))
                    && !left.is_zero()
                {
                    // Too early to despair: the old one still holds.
                    tracing::warn!(%error, seconds = left.as_secs(), "the access token could not be renewed yet");
                    held.renew_at = Some(now + left / 2);
                    return Ok(held.token.clone());
                }
                state.held = None;
                Err(state.fail(error))
            }
        }
    }

    async fn replace(&self, refused: &AccessToken) -> Result<bool, AuthError> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        match &state.held {
            Some(held) if !held.token.is(refused) => return Ok(true),
            Some(held) if held.replacement && !refused.was_accepted() => return Ok(false),
            _ => {}
        }
        if let Some(error) = state.failed_since(asked) {
            return Err(error);
        }
        tracing::info!("the environment refused the access token; asking for another one");
        match self.grant.fetch().await {
            Ok(fresh) => {
                // What keeps tokens of its own may give the same one again.
                let other = fresh.token.expose_secret() != refused.expose();
                state.held = Some(Held::new(fresh, true));
                Ok(other)
            }
            Err(error) => {
                state.held = None;
                Err(state.fail(error))
            }
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.grant.giver()).finish()
    }
}

impl TokenSource for Kept {
    fn token(&self) -> Later<'_, AccessToken> {
        Box::pin(self.current())
    }

    fn renew<'a>(&'a self, refused: &'a AccessToken) -> Later<'a, bool> {
        Box::pin(self.replace(refused))
    }

    fn when_refused(&self, _: &str) -> String {
        format!(
            "it came from {}, which when asked again gave no better one: it is for another environment or tenant, or \
             access was revoked\nhint: check the address of the environment, and --tenant if it is given",
            self.grant.giver()
        )
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use secrecy::SecretString;

    use super::*;

    /// Gives `t1`, `t2`, …; every call takes a second. Calls from `fails` on fail.
    struct Counting {
        calls: Arc<AtomicU64>,
        lifetime: Option<u64>,
        fails: u64,
    }

    impl Grant for Counting {
        fn fetch(&self) -> Later<'_, Fresh> {
            Box::pin(async {
                let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
                if call >= self.fails {
                    return Err(AuthError::setup(format!("call {call}"), "none"));
                }
                Ok(Fresh {
                    token: SecretString::from(format!("t{call}")),
                    lifetime: self.lifetime.map(Duration::from_secs),
                    refresh: None,
                })
            })
        }

        fn giver(&self) -> &'static str {
            "a counter"
        }
    }

    fn kept(lifetime: Option<u64>, fails: u64) -> (Arc<Kept>, Arc<AtomicU64>) {
        let calls = Arc::new(AtomicU64::new(0));
        let grant = Counting {
            calls: Arc::clone(&calls),
            lifetime,
            fails,
        };
        (Arc::new(Kept::new(grant)), calls)
    }

    async fn token(kept: &Kept) -> String {
        kept.token().await.expect("a token").expose().to_owned()
    }

    async fn pass(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_renewed_before_it_ends() {
        let (kept, calls) = kept(Some(3600), u64::MAX);
        assert_eq!(token(&kept).await, "t1");
        pass(3299).await;
        assert_eq!(token(&kept).await, "t1");
        pass(2).await;
        assert_eq!(token(&kept).await, "t2");
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_life_does_not_mean_a_new_token_for_every_request() {
        let (kept, calls) = kept(Some(40), u64::MAX);
        for _ in 0..29 {
            token(&kept).await;
            pass(1).await;
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        pass(2).await;
        assert_eq!(token(&kept).await, "t2");
    }

    #[tokio::test(start_paused = true)]
    async fn one_asks_and_all_others_wait() {
        let (kept, calls) = kept(None, u64::MAX);
        let all: Vec<_> = (0..50)
            .map(|_| {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { token(&kept).await })
            })
            .collect();
        for one in all {
            assert_eq!(one.await.expect("a task"), "t1");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_fails_for_all_who_waited() {
        let (kept, calls) = kept(None, 1);
        let all: Vec<_> = (0..50)
            .map(|_| {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move { kept.token().await.map_err(|error| error.to_string()) })
            })
            .collect();
        for one in all {
            let error = one.await.expect("a task").expect_err("no token");
            assert!(error.contains("call 1"), "{error}");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        // Later is another matter.
        pass(1).await;
        assert!(kept.token().await.is_err());
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_renews_once_for_all_in_flight() {
        let (kept, calls) = kept(None, u64::MAX);
        let first = kept.token().await.expect("a token");
        let all: Vec<_> = (0..50)
            .map(|_| {
                let (kept, first) = (Arc::clone(&kept), first.clone());
                tokio::spawn(async move { kept.renew(&first).await })
            })
            .collect();
        for one in all {
            assert!(one.await.expect("a task").expect("renewed"));
        }
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        let second = kept.token().await.expect("a token");
        assert_eq!(second.expose(), "t2");
        // The replacement was never taken, and is refused, too: enough.
        assert!(!kept.renew(&second).await.expect("an answer"));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        // Had it been taken, time has passed, and it may be renewed again.
        second.accept();
        assert!(kept.renew(&second).await.expect("an answer"));
        assert_eq!(token(&kept).await, "t3");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_holds_is_used_though_it_cannot_be_renewed() {
        let (kept, calls) = kept(Some(400), 2);
        assert_eq!(token(&kept).await, "t1");
        pass(301).await;
        assert_eq!(token(&kept).await, "t1");
        // Half of the rest must pass before it is tried again.
        pass(40).await;
        assert_eq!(token(&kept).await, "t1");
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        pass(60).await;
        assert!(kept.token().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_token_again_is_none() {
        struct Same;
        impl Grant for Same {
            fn fetch(&self) -> Later<'_, Fresh> {
                Box::pin(async { Fresh::bare("same").map_err(|what| AuthError::setup(what, "")) })
            }
            fn giver(&self) -> &'static str {
                "a cache"
            }
        }
        let kept = Kept::new(Same);
        let token = kept.token().await.expect("a token");
        token.accept();
        assert!(!kept.renew(&token).await.expect("an answer"));
        assert!(!format!("{kept:?}").contains("same"));
    }
}
