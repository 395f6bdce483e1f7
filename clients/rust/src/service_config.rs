//! Which calls are repeated, and how: the API's service config, as gRFC A6 reads it.

use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};
use tonic::Code;

use crate::errors::code_name;

static CONFIG: LazyLock<ServiceConfig> =
    LazyLock::new(|| serde_json::from_str(include_str!("service_config.json")).expect("tests read it"));

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceConfig {
    method_config: Vec<MethodConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MethodConfig {
    name: Vec<Name>,
    retry_policy: Option<RetryPolicy>,
}

/// A method; without `method`, all of the service.
#[derive(Deserialize)]
struct Name {
    service: String,
    #[serde(default)]
    method: String,
}

/// How often, when and how fast a call is repeated.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryPolicy {
    max_attempts: i32,
    #[serde(deserialize_with = "duration")]
    initial_backoff: Duration,
    #[serde(deserialize_with = "duration")]
    max_backoff: Duration,
    backoff_multiplier: f64,
    retryable_status_codes: Vec<String>,
}

/// Reads `"0.2s"`.
fn duration<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    let duration: prost_types::Duration = String::deserialize(value)?.parse().map_err(Error::custom)?;
    duration.try_into().map_err(Error::custom)
}

/// The policy for calls to `/package.Service/Method`. An entry for the method wins over one for its service.
pub fn retry_policy(path: &str) -> Option<&'static RetryPolicy> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let entry_for = |method: &str| {
        let named = |name: &Name| name.service == service && name.method == method;
        CONFIG.method_config.iter().find(|config| config.name.iter().any(named))
    };
    entry_for(method).or_else(|| entry_for(""))?.retry_policy.as_ref()
}

impl RetryPolicy {
    /// Whether a call that ended so is repeated.
    pub fn repeats(&self, code: Code) -> bool {
        self.retryable_status_codes.iter().any(|name| name == code_name(code))
    }

    /// How long to wait before each further attempt, a fifth more or less by chance.
    pub fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let (initial, most, multiplier) = (self.initial_backoff, self.max_backoff, self.backoff_multiplier);
        (0..self.max_attempts - 1).map(move |repeated| {
            let pause = initial.as_secs_f64() * multiplier.powi(repeated);
            most.min(Duration::from_secs_f64(pause)).mul_f64(0.8 + 0.4 * fastrand::f64())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_config_names_is_repeated_and_nothing_else() {
        let named = |path| retry_policy(path).is_some();
        assert!(named("/sightline.v1.ImageService/GetImage"));
        assert!(named("/sightline.v1.SearchService/Search")); // by its service
        assert!(!named("/sightline.v1.ImageService/DeleteImage"));
        assert!(!named("/grpc.health.v1.Health/Check"));
    }

    #[test]
    fn only_unavailable_is_repeated() {
        let policy = retry_policy("/sightline.v1.ImageService/GetImage").unwrap();
        let repeated: Vec<_> = (0..17).map(Code::from_i32).filter(|code| policy.repeats(*code)).collect();
        assert_eq!(repeated, [Code::Unavailable]);
    }

    #[test]
    fn pauses_double_within_a_fifth() {
        let policy = retry_policy("/sightline.v1.ImageService/GetImage").unwrap();
        let pauses: Vec<_> = policy.pauses().collect();
        assert_eq!(pauses.len(), 3);
        for (pause, expected) in pauses.iter().zip([0.2, 0.4, 0.8]) {
            assert!((0.8..=1.2).contains(&(pause.as_secs_f64() / expected)), "{pause:?}");
        }
    }

    #[test]
    fn pauses_end_at_the_longest() {
        let policy = RetryPolicy {
            max_attempts: 20,
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(3),
            backoff_multiplier: 2.0,
            retryable_status_codes: vec![],
        };
        assert!(policy.pauses().last().unwrap() <= Duration::from_millis(3600));
    }
}
