use super::*;
use crate::policy::check::Prometheus;
use crate::policy::{Decimal, FindingReason, GateKey, Limits, Outcome};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// Answers one request with these bytes, and gives back what was asked.
fn serve(answer: Vec<u8>) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let count = socket.read(&mut chunk).unwrap();
            request.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            let body = text.split_once("\r\n\r\n").map(|(_, body)| body.len());
            if count == 0 || body.is_some_and(|body| body >= length.unwrap_or(0)) {
                break;
            }
        }
        // The client may have had enough before the end.
        let _ = socket.write_all(&answer);
        String::from_utf8(request).unwrap()
    });
    (url, server)
}

fn http(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

async fn ask(answer: Vec<u8>) -> Result<f64, PrometheusError> {
    let (url, server) = serve(answer);
    let client = PrometheusClient::new(&Provider { url, ..Provider::default() }).unwrap();
    let found = client.query("up").await;
    server.join().unwrap();
    found.map(Sample::value)
}

async fn ask_data(data: &str) -> Result<f64, PrometheusError> {
    ask(http("200 OK", &format!(r#"{{"status":"success","data":{data}}}"#))).await
}

#[tokio::test]
async fn one_number() {
    let vector = r#"{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1764000000.1,"0.125"]}]}"#;
    assert_eq!(ask_data(vector).await, Ok(0.125));
    assert_eq!(ask_data(r#"{"resultType":"scalar","result":[1764000000,"-3e-2"]}"#).await, Ok(-0.03));
}

#[tokio::test]
async fn the_query_is_sent_as_a_form() {
    let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}"#;
    let (url, server) = serve(http("200 OK", scalar));
    let client = PrometheusClient::new(&Provider { url: format!("{url}/prefix/"), ..Provider::default() }).unwrap();
    client.query(r#"sum(rate(x{a="b c"}[5m])) + 1 & é"#).await.unwrap();
    let request = server.join().unwrap();
    assert!(request.starts_with("POST /prefix/api/v1/query HTTP/1.1\r\n"), "{request}");
    let form = "query=sum%28rate%28x%7Ba%3D%22b%20c%22%7D%5B5m%5D%29%29%20%2B%201%20%26%20%C3%A9&timeout=10s";
    assert!(request.ends_with(form), "{request}");
}

#[tokio::test]
async fn everything_else_is_no_number() {
    use PrometheusError as E;
    let series = |value: &str| format!(r#"{{"metric":{{}},"value":[1,"{value}"]}}"#);
    let vector = |of: &[String]| format!(r#"{{"resultType":"vector","result":[{}]}}"#, of.join(","));
    assert_eq!(ask_data(&vector(&[])).await, Err(E::NoData));
    assert_eq!(ask_data(&vector(&[series("1"), series("1")])).await, Err(E::ManySeries(2)));
    for text in ["NaN", "+Inf", "-Inf", "1e999"] {
        assert_eq!(ask_data(&vector(&[series(text)])).await, Err(E::NotFinite(text.into())));
    }
    assert_eq!(ask_data(r#"{"resultType":"scalar","result":[1,"NaN"]}"#).await, Err(E::NotFinite("NaN".into())));
    assert!(matches!(ask_data(&vector(&[series("much")])).await, Err(E::NotAnAnswer(_))));
    assert_eq!(ask_data(r#"{"resultType":"string","result":[1,"2"]}"#).await, Err(E::NotANumber("a text")));
    let matrix = r#"{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}]}"#;
    assert_eq!(ask_data(matrix).await, Err(E::NotANumber("a range of numbers")));
    let histogram = r#"{"resultType":"vector","result":[{"metric":{},"histogram":[1,{"count":"2"}]}]}"#;
    assert_eq!(ask_data(histogram).await, Err(E::NotANumber("a histogram")));
    for data in
        ["null", "{}", "[]", r#"{"resultType":"table","result":[]}"#, r#"{"resultType":"scalar","result":[1,2]}"#]
    {
        assert!(matches!(ask_data(data).await, Err(E::NotAnAnswer(_))), "{data}");
    }
    for body in ["", "<html>", "{\"status\":\"success\"", "[]", "\u{0}"] {
        assert!(matches!(ask(http("200 OK", body)).await, Err(E::NotAnAnswer(_))), "{body}");
    }
    let partial = format!(r#"{{"status":"success","data":{},"warnings":["store down"]}}"#, vector(&[series("1")]));
    assert_eq!(ask(http("200 OK", &partial)).await, Err(E::Warned("store down".into())));
    let refused = r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#;
    assert_eq!(ask(http("400 Bad Request", refused)).await, Err(E::QueryRefused("parse error".into())));
    assert_eq!(ask(http("422 Unprocessable Entity", refused)).await, Err(E::QueryRefused("parse error".into())));
    assert_eq!(ask(http("200 OK", refused)).await, Err(E::QueryRefused("parse error".into())));
    assert_eq!(ask(http("400 Bad Request", "no")).await, Err(E::Status(400)));
    for status in ["204 No Content", "302 Found", "401 Unauthorized", "503 Unavailable"] {
        let code: u16 = status[..3].parse().unwrap();
        assert_eq!(ask(http(status, "")).await, Err(E::Status(code)), "{status}");
    }
}

#[tokio::test]
async fn size_and_time_are_limited() {
    let long = format!(r#"{{"status":"success","x":"{}"}}"#, "x".repeat(MAX_ANSWER));
    assert_eq!(ask(http("200 OK", &long)).await, Err(PrometheusError::TooLarge));
    let short = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\nconnection: close\r\n\r\n{".to_vec();
    assert!(matches!(ask(short).await, Err(PrometheusError::Unreachable(_))));
    assert!(matches!(ask(Vec::new()).await, Err(PrometheusError::Unreachable(_))));

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let mut client = PrometheusClient::new(&Provider { url: url.clone(), ..Provider::default() }).unwrap();
    client.timeout = Duration::from_secs(1);
    assert_eq!(client.query("up").await, Err(PrometheusError::TimedOut(1)));
    drop(silent);
    let client = PrometheusClient::new(&Provider { url, ..Provider::default() }).unwrap();
    assert!(matches!(client.query("up").await, Err(PrometheusError::Unreachable(_))));
}

#[test]
fn providers_of_no_use() {
    let new = |url: &str, token: Option<&str>, ca: Option<&[u8]>| {
        let provider = Provider { url: url.into(), bearer_token: token.map(Into::into), ca: ca.map(<[u8]>::to_vec) };
        assert!(!format!("{provider:?}").contains("secret"));
        PrometheusClient::new(&provider).map(|client| client.endpoint.to_string())
    };
    assert_eq!(new("http://p:9090", None, None).unwrap(), "http://p:9090/api/v1/query");
    assert_eq!(new("https://p/a/", Some("secret\n"), None).unwrap(), "https://p/a/api/v1/query");
    for url in ["", "p:9090", "ftp://p", "http://", "http://u:secret@p", "http://p?x=1", "http://p#x", "/x"] {
        assert!(new(url, None, None).is_err(), "{url}");
    }
    assert!(new("http://p", Some("secret"), None).is_err());
    assert!(new("https://p", Some("sec\nret"), None).is_err());
    assert!(new("https://p", None, Some(b"")).is_err());
    assert!(new("https://p", None, Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")).is_err());
}

#[test]
fn variables() {
    let variables =
        QueryVariables { namespace: "lending", release: "mortgage", deployment: "mortgage-v1", revision: "7c1e" };
    let fill = |query: &str| substitute(query, &variables);
    assert_eq!(fill("up{n=\"${namespace}\"}").unwrap(), "up{n=\"lending\"}");
    assert_eq!(fill("${release}${deployment} $x {${revision}}").unwrap(), "mortgagemortgage-v1 $x {7c1e}");
    let replace = r#"label_replace(up, "a", "$1-${1}", "b", "(.*)")"#;
    assert_eq!(fill(replace).unwrap(), replace);
    for query in ["${pod}", "${}", "${ namespace}", "${NAMESPACE}", "${123}", "${namespace", "${a${namespace}}"] {
        assert!(fill(query).is_err(), "{query}");
    }
    for value in ["", "a\"b", "a\\", "a b", "a\n", "a'", "a`", "{}", "é"] {
        let found = substitute("${release}", &QueryVariables { release: value, ..variables });
        assert_eq!(found, Err(SubstituteError::Unsafe("release")), "{value}");
        assert!(substitute("${namespace}", &QueryVariables { release: value, ..variables }).is_ok());
    }
}

#[test]
fn findings() {
    use Outcome::{Error, Fail, Inconclusive, Missing, Pass};
    use PrometheusError as E;
    let check = Prometheus {
        provider: "main".into(),
        query: "up".into(),
        limits: Limits::at_most(Decimal::parse("0.05").unwrap()),
    };
    let key = GateKey::new("base", "errors");
    let cases: [(Result<Sample, E>, Outcome, FindingReason); 13] = [
        (Ok(Sample(0.05)), Pass, FindingReason::WithinLimits),
        (Ok(Sample(0.06)), Fail, FindingReason::AboveMaximum),
        (Ok(Sample(f64::NAN)), Error, FindingReason::NotFinite),
        (Err(E::BadProvider("x")), Error, FindingReason::ProviderUnreachable),
        (Err(E::Unreachable("x".into())), Error, FindingReason::ProviderUnreachable),
        (Err(E::TimedOut(10)), Error, FindingReason::ProviderUnreachable),
        (Err(E::Status(500)), Error, FindingReason::ProviderUnreachable),
        (Err(E::NotAnAnswer("x".into())), Error, FindingReason::ProviderUnreachable),
        (Err(E::QueryRefused("x".into())), Error, FindingReason::ExpressionInvalid),
        (Err(E::NotFinite("NaN".into())), Error, FindingReason::NotFinite),
        (Err(E::NoData), Missing, FindingReason::NoData),
        (Err(E::Warned("x".into())), Inconclusive, FindingReason::NoData),
        (Err(E::ManySeries(2)), Inconclusive, FindingReason::ManySeries),
    ];
    for (answer, outcome, reason) in cases {
        let found = finding(&key, &check, &answer);
        assert_eq!((found.outcome, found.reason), (outcome, reason), "{answer:?}");
        assert_eq!(found.threshold.as_deref(), Some("<= 0.05"));
        assert!(found.message.starts_with("Prometheus main "), "{}", found.message);
    }
}
