//! Connections that a fault can reset.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A connection as a handler sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Connection(Arc<Breaks>);

#[derive(Debug)]
struct Breaks {
    reset: AtomicBool,
    /// Bytes that may still be written.
    budget: AtomicUsize,
}

impl Default for Breaks {
    fn default() -> Self {
        Self {
            reset: AtomicBool::new(false),
            budget: AtomicUsize::new(usize::MAX),
        }
    }
}

impl Connection {
    /// Lets the connection break at the next byte, with a TCP reset.
    pub(super) fn reset(&self) {
        self.0.reset.store(true, Ordering::Relaxed);
    }

    /// Lets the connection end after so many more bytes, as if the other side had gone away.
    pub(super) fn end_after(&self, bytes: usize) {
        self.0.budget.store(bytes, Ordering::Relaxed);
    }

    fn budget(&self) -> usize {
        self.0.budget.load(Ordering::Relaxed)
    }
}

/// Accepts connections that can be reset.
pub(super) struct ResettableListener(pub(super) TcpListener);

impl Listener for ResettableListener {
    type Io = ResettableStream;
    type Addr = Connection;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, _) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for each other.
        let _ = stream.set_nodelay(true);
        let connection = Connection::default();
        (
            ResettableStream {
                stream,
                connection: connection.clone(),
            },
            connection,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Connection::default())
    }
}

impl Connected<IncomingStream<'_, ResettableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, ResettableListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A connection as the HTTP library sees it.
pub(super) struct ResettableStream {
    stream: TcpStream,
    connection: Connection,
}

impl ResettableStream {
    fn check(&self) -> io::Result<()> {
        if self.connection.0.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if self.connection.budget() == 0 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for ResettableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        let budget = self.connection.budget();
        let allowed = &bytes[..bytes.len().min(budget)];
        let written = Pin::new(&mut self.stream).poll_write(cx, allowed)?;
        if let Poll::Ready(written) = written
            && budget != usize::MAX
        {
            self.connection.end_after(budget - written);
        }
        written.map(Ok)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
