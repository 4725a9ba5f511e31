//! `rego-peer POLICY DATA DOCUMENTS [interpreter]`: judges users' documents with a Rego engine on all cores.
//!
//! DOCUMENTS has a line of JSON per user: `input`, and `expected` as clearance judges. Whoever is
//! judged otherwise is named, and nothing is timed. Then the seconds per user are printed, with one engine
//! per thread, of policy compiled once: of judging alone, the documents being in memory; and with
//! parsing them, as an engine takes nothing but documents.

use std::error::Error;
use std::time::{Duration, Instant};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Value};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const ENTRY: &str = "data.clearance.judgement";

/// What judges a document: the interpreter, or the virtual machine with the policy as byte code.
enum Judge {
    Interpreter(Box<Engine>),
    Machine(Box<RegoVM>),
}

impl Judge {
    fn judge(&mut self, document: Value) -> Result<Value> {
        match self {
            Judge::Interpreter(engine) => {
                engine.set_input(document);
                Ok(engine
                    .eval_rule(ENTRY.to_owned())
                    .map_err(|error| error.to_string())?)
            }
            Judge::Machine(machine) => {
                machine.set_input(document);
                Ok(machine.execute().map_err(|error| error.to_string())?)
            }
        }
    }
}

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [policy, data, documents, rest @ ..] = words.as_slice() else {
        return Err("usage: rego-peer POLICY DATA DOCUMENTS [interpreter]".into());
    };
    let interpreted = rest.first().is_some_and(|word| word == "interpreter");
    let mut engine = Engine::new();
    engine
        .add_policy(policy.clone(), std::fs::read_to_string(policy)?)
        .map_err(|error| error.to_string())?;
    let data = Value::from_json_str(&std::fs::read_to_string(data)?).map_err(|error| error.to_string())?;
    engine.add_data(data.clone()).map_err(|error| error.to_string())?;
    let compiled = engine
        .compile_with_entrypoint(&ENTRY.into())
        .map_err(|error| error.to_string())?;
    let program = Compiler::compile_from_policy(&compiled, &[ENTRY]).map_err(|error| error.to_string())?;
    let judge = || -> Result<Judge> {
        if interpreted {
            return Ok(Judge::Interpreter(Box::new(engine.clone())));
        }
        let mut machine = RegoVM::new();
        machine.load_program(program.clone());
        machine
            .set_data(data.clone())
            .map_err(|error| error.to_string())?;
        Ok(Judge::Machine(Box::new(machine)))
    };

    let (mut texts, mut inputs, mut expected) = (Vec::new(), Vec::new(), Vec::new());
    for line in std::fs::read_to_string(documents)?.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let text = line["input"].to_string();
        inputs.push(parsed(&text)?);
        texts.push(text);
        expected.push(line["expected"].clone());
    }

    let mut checking = judge()?;
    let mut differ = 0;
    for (input, expected) in inputs.iter().zip(&expected) {
        let said = checking.judge(input.clone())?;
        let said: serde_json::Value =
            serde_json::from_str(&said.to_json_str().map_err(|error| error.to_string())?)?;
        if sorted(&said) != sorted(expected) {
            differ += 1;
            if differ <= 5 {
                eprintln!(
                    "judged otherwise: {said}\nexpected:         {expected}\nof {}",
                    input.to_json_str().unwrap_or_default()
                );
            }
        }
    }
    if differ > 0 {
        return Err(format!("{differ} of {} users are judged otherwise", inputs.len()).into());
    }

    let alone = timed(&inputs, &judge, |input: &Value| Ok(input.clone()))?;
    let with_parsing = timed(&texts, &judge, |text: &String| parsed(text))?;
    println!("{alone:.9} {with_parsing:.9}");
    Ok(())
}

fn parsed(document: &str) -> Result<Value> {
    Ok(Value::from_json_str(document).map_err(|error| error.to_string())?)
}

/// Seconds per user on all cores, the best of three.
fn timed<T: Sync>(
    users: &[T],
    judge: &impl Fn() -> Result<Judge>,
    document: impl Fn(&T) -> Result<Value> + Sync,
) -> Result<f64> {
    let threads = std::thread::available_parallelism()?.get();
    let share = users.len().div_ceil(threads);
    let document = &document;
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let judges = (0..threads).map(|_| judge()).collect::<Result<Vec<Judge>>>()?;
        let start = Instant::now();
        std::thread::scope(|scope| -> Result<()> {
            let parts = users.chunks(share).zip(judges);
            let running: Vec<_> = parts
                .map(|(users, mut judge)| {
                    scope.spawn(move || {
                        users
                            .iter()
                            .try_for_each(|user| judge.judge(document(user)?).map(drop))
                    })
                })
                .collect();
            running
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
        })?;
        best = best.min(start.elapsed());
    }
    Ok(best.as_secs_f64() / users.len() as f64)
}

/// A judgement with its lists in order.
fn sorted(judgement: &serde_json::Value) -> (String, Vec<String>, Vec<String>) {
    let list = |key: &str| {
        let mut list: Vec<String> = judgement[key]
            .as_array()
            .into_iter()
            .flatten()
            .map(|id| id.as_str().unwrap_or_default().to_owned())
            .collect();
        list.sort();
        list
    };
    (
        judgement["verdict"].as_str().unwrap_or_default().to_owned(),
        list("failed"),
        list("unknown"),
    )
}
