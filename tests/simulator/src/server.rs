//! The HTTP side: what listens, what answers, and what is remembered about requests.

mod answer;
mod batch;
mod behaviour;
mod fault;
mod functions;
mod listener;
mod metadata;
mod paging;
mod patch;
mod prefer;
mod protection;
mod record;
mod route;
mod rows;
mod shared;
mod store;
mod visibility;
mod write;

pub use behaviour::{Behaviour, DEFAULT_TOKEN, HiddenAccess, ServiceProtection};
pub use fault::{Fault, RetryAfter, ScriptedFault, Trigger};
pub use record::{RecordedRequest, Statistics, Violation};

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use axum::Router;
use tokio::sync::oneshot;

use crate::tenant::{Deployment, Tenant};
use listener::{Connection, ResettableListener};
use shared::Shared;

/// A running simulator; dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Starts on loopback within the current runtime.
    pub async fn start(tenant: Tenant, behaviour: Behaviour) -> io::Result<Self> {
        let (address, shared, listener) = prepare(tenant, behaviour).await?;
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, Arc::clone(&shared), stopped));
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: None,
        })
    }

    /// Starts on loopback with a thread and runtime of its own, for tests that run the real program.
    pub fn start_blocking(tenant: Tenant, behaviour: Behaviour) -> io::Result<Self> {
        let (started, wait) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = match tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
            {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(error))),
            };
            runtime.block_on(async move {
                match prepare(tenant, behaviour).await {
                    Ok((address, shared, listener)) => {
                        drop(started.send(Ok((address, Arc::clone(&shared)))));
                        serve(listener, shared, stopped).await;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
            runtime.shutdown_background();
        });
        let (address, shared) = wait
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("the simulator's thread ended at once")))?;
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Address of the environment, without a slash at the end: `http://127.0.0.1:PORT`, on-premises with
    /// the organization's name behind it.
    pub fn url(&self) -> String {
        match self.shared.first.deployment {
            Deployment::Online => format!("http://{}", self.address),
            Deployment::OnPremises => {
                format!("http://{}/{}", self.address, self.shared.organization_segment())
            }
        }
    }

    /// The bearer token it asks for.
    pub fn token(&self) -> &str {
        self.shared.behaviour.token.as_deref().unwrap_or(DEFAULT_TOKEN)
    }

    /// The tenant it served at first; only a writable simulator ever serves another.
    pub fn tenant(&self) -> &Tenant {
        &self.shared.first
    }

    /// The tenant as requests have left it.
    pub fn tenant_now(&self) -> Arc<Tenant> {
        Arc::clone(&self.shared.store().tenant)
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.record.requests()
    }

    /// Forgets the requests so far. Scripted faults go on counting.
    pub fn forget_requests(&self) {
        self.shared.record.forget();
    }

    /// Counts of requests.
    pub fn stats(&self) -> Statistics {
        self.shared.record.statistics()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(stop) = self.stop.take() {
            // The other side is gone if the server has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn prepare(
    tenant: Tenant,
    behaviour: Behaviour,
) -> io::Result<(SocketAddr, Arc<Shared>, ResettableListener)> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, behaviour.port)).await?;
    let address = listener.local_addr()?;
    let shared = Arc::new(Shared::new(tenant, behaviour, address));
    Ok((address, shared, ResettableListener(listener)))
}

async fn serve(listener: ResettableListener, shared: Arc<Shared>, stopped: oneshot::Receiver<()>) {
    let router = Router::new().fallback(answer::handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Connection>();
    tokio::select! {
        _ = axum::serve(listener, service) => {}
        _ = stopped => {}
    }
}
