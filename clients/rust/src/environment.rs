//! Where the environment says that the server is.

const DEFAULT_HOST: &str = "127.0.0.1";
const DEFAULT_PORT: &str = "50051";

/// `SIGHTLINE_ORCHESTRATOR_ADDRESS`, else `SIGHTLINE_ORCHESTRATOR_HOST` and `SIGHTLINE_ORCHESTRATOR_PORT`, else
/// 127.0.0.1:50051. What is empty counts as unset.
pub fn address(variable: impl Fn(&str) -> Option<String>) -> String {
    let given = |name| variable(name).filter(|value| !value.is_empty());
    given("SIGHTLINE_ORCHESTRATOR_ADDRESS").unwrap_or_else(|| {
        let host = given("SIGHTLINE_ORCHESTRATOR_HOST").unwrap_or_else(|| DEFAULT_HOST.into());
        let port = given("SIGHTLINE_ORCHESTRATOR_PORT").unwrap_or_else(|| DEFAULT_PORT.into());
        let bare_ipv6 = host.contains(':') && !host.starts_with('[');
        if bare_ipv6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address where these variables, all of which begin with `SIGHTLINE_ORCHESTRATOR_`, are set.
    fn with(variables: &[(&str, &str)]) -> String {
        address(|asked| {
            let name = asked.strip_prefix("SIGHTLINE_ORCHESTRATOR_")?;
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_address_goes_before_host_and_port() {
        assert_eq!(with(&[("ADDRESS", "here:1"), ("HOST", "there"), ("PORT", "5")]), "here:1");
        assert_eq!(with(&[("HOST", "there"), ("PORT", "5")]), "there:5");
        assert_eq!(with(&[("HOST", "there")]), "there:50051");
        assert_eq!(with(&[("PORT", "5")]), "127.0.0.1:5");
        assert_eq!(with(&[]), "127.0.0.1:50051");
    }

    #[test]
    fn what_is_empty_counts_as_unset() {
        assert_eq!(with(&[("ADDRESS", ""), ("HOST", ""), ("PORT", "")]), "127.0.0.1:50051");
    }

    #[test]
    fn an_ipv6_host_gets_its_brackets() {
        assert_eq!(with(&[("HOST", "::1")]), "[::1]:50051");
        assert_eq!(with(&[("HOST", "[::1]")]), "[::1]:50051");
        assert!(crate::Sightline::endpoint(&with(&[("HOST", "::1")])).is_ok());
    }
}
