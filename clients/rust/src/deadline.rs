//! Deadlines: the header that tells a call's, and what ends it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use http_body::{Frame, SizeHint};
use prost::bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Status, body::Body};

use crate::errors::broken;

/// The header: at most eight digits and a unit.
pub const GRPC_TIMEOUT: &str = "grpc-timeout";
const MOST: u128 = 99_999_999;

/// How long the caller lets the call take; none where he said nothing, or nothing that makes sense.
pub fn from_headers(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(GRPC_TIMEOUT)?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let amount = digits.parse::<u32>().ok().filter(|amount| u128::from(*amount) <= MOST)?;
    let unit = match unit {
        "H" => Duration::from_secs(3600),
        "M" => Duration::from_secs(60),
        "S" => Duration::from_secs(1),
        "m" => Duration::from_millis(1),
        "u" => Duration::from_micros(1),
        "n" => Duration::from_nanos(1),
        _ => return None,
    };
    Some(unit * amount)
}

/// The header for a duration, rounded up to the finest unit that holds it.
pub fn to_header(duration: Duration) -> HeaderValue {
    let units = [("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000)];
    let fitting = units.iter().map(|(unit, nanos)| (duration.as_nanos().div_ceil(*nanos), unit));
    let (amount, unit) = fitting.clone().find(|(amount, _)| *amount <= MOST).unwrap_or((MOST, &"S"));
    HeaderValue::try_from(format!("{amount}{unit}")).expect("digits and a letter")
}

/// What a call ends with that took too long.
pub fn expired() -> Status {
    Status::deadline_exceeded("the call took longer than its deadline allows")
}

/// An answer's body, which ends with the deadline.
pub struct Answer {
    body: Body,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Answer {
    pub fn new(body: Body, deadline: Option<Instant>) -> Self {
        Self { body, deadline: deadline.map(|deadline| Box::pin(sleep_until(deadline))) }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Some(Err(expired())));
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        frame.map_err(|error| broken(error.into()))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(value: &'static str) -> Option<Duration> {
        from_headers(&HeaderMap::from_iter([(GRPC_TIMEOUT.parse().unwrap(), HeaderValue::from_static(value))]))
    }

    #[test]
    fn reads_every_unit() {
        assert_eq!(reading("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(reading("2M"), Some(Duration::from_secs(120)));
        assert_eq!(reading("2S"), Some(Duration::from_secs(2)));
        assert_eq!(reading("2m"), Some(Duration::from_millis(2)));
        assert_eq!(reading("2u"), Some(Duration::from_micros(2)));
        assert_eq!(reading("99999999n"), Some(Duration::from_nanos(99_999_999)));
    }

    #[test]
    fn what_makes_no_sense_is_no_timeout() {
        assert_eq!(from_headers(&HeaderMap::new()), None);
        for value in ["", "S", "5", "5s", "-5S", "100000000n"] {
            assert_eq!(reading(value), None, "{value}");
        }
    }

    #[test]
    fn writes_the_finest_unit_that_holds_it() {
        assert_eq!(to_header(Duration::ZERO), "0n");
        assert_eq!(to_header(Duration::from_millis(1)), "1000000n");
        assert_eq!(to_header(Duration::from_secs(60)), "60000000u");
        assert_eq!(to_header(Duration::from_secs(86_400)), "86400000m");
        assert_eq!(to_header(Duration::new(0, 100_000_001)), "100001u");
        assert_eq!(to_header(Duration::MAX), "99999999S");
    }
}
