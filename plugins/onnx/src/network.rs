// SPDX-License-Identifier: MIT OR Apache-2.0
//! The network: a file of ONNX operators, run on one thread.
//!
//! A network that does not take what the manifest says it takes, or answers something else, is refused when
//! it is read: it examines one grey input before any picture.

use std::sync::Arc;

use rten::{Dimension, Model, NodeId, RunOptions, ThreadPool, ValueView};

use crate::lengths::are_right;
use crate::manifest::{Input, Layout, Map, Output};

/// A network that answered once.
pub struct Network {
    model: Model,
    output: NodeId,
    shape: [usize; 4],
    rule: Output,
    options: RunOptions,
}

/// Why there is no network, or no answer of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// The file is no network that can be run.
    #[error("it is no ONNX network that can be run here: {0}")]
    Unreadable(String),
    /// It takes other input than the manifest says.
    #[error("the network takes {found}; the manifest's [input] gives it {given}")]
    Input {
        /// What it takes.
        found: String,
        /// What it would get.
        given: String,
    },
    /// It has no such output.
    #[error("the network has no output `{name}`; it has: {known}")]
    NoOutput {
        /// What the manifest names.
        name: String,
        /// What there is.
        known: String,
    },
    /// It failed at an input.
    #[error("the network cannot be run: {0}")]
    Run(String),
    /// Its answer has another form than the manifest says.
    #[error("the network answers {found}; the manifest's [output] needs {needed}")]
    Answer {
        /// What it answers.
        found: String,
        /// What was expected.
        needed: String,
    },
}

impl Network {
    /// Reads a network and has it answer once.
    ///
    /// # Errors
    /// When the file is none, or takes or answers something else than the manifest says.
    pub fn read(weights: Vec<u8>, input: &Input, output: &Output) -> Result<Self, NetworkError> {
        if !are_right(&weights) {
            let message = "a field is longer than what is left of the file";
            return Err(NetworkError::Unreadable(message.into()));
        }
        let model =
            Model::load(weights).map_err(|error| NetworkError::Unreadable(error.to_string()))?;
        let (width, height) = (input.width as usize, input.height as usize);
        let shape = match input.layout {
            Layout::Nchw => [1, 3, height, width],
            Layout::Nhwc => [1, height, width, 3],
        };
        takes(&model, shape)?;
        let options =
            RunOptions::default().with_thread_pool(Some(Arc::new(ThreadPool::with_num_threads(1))));
        let output_id = chosen(&model, output.name.as_deref())?;
        let made = Self { model, output: output_id, shape, rule: output.clone(), options };
        let grey = vec![0.0; shape.iter().product()];
        made.probability(&grey)?;
        Ok(made)
    }

    /// The answer to one input, `0..=1`, by the manifest's rule; `input` has as many numbers as the
    /// network takes.
    ///
    /// # Errors
    /// When the network fails, or answers what is no such number.
    pub fn probability(&self, input: &[f32]) -> Result<f64, NetworkError> {
        let failed = |error: &dyn std::fmt::Display| NetworkError::Run(error.to_string());
        let view = ValueView::from_shape(self.shape, input).map_err(|error| failed(&error))?;
        let id = self.model.input_ids().first().copied();
        let id = id.ok_or_else(|| NetworkError::Run("it takes nothing".into()))?;
        let answer = self
            .model
            .run(vec![(id, view.into())], &[self.output], Some(self.options.clone()))
            .map_err(|error| failed(&error))?;
        let tensor = answer.into_iter().next().and_then(|value| value.into_tensor::<f32>());
        let tensor = tensor.ok_or_else(|| NetworkError::Answer {
            found: "other than 32-bit real numbers".into(),
            needed: "those".into(),
        })?;
        let values: Vec<f64> = tensor.into_data().into_iter().map(Into::into).collect();
        score(&values, &self.rule)
    }
}

/// Whether the network takes one picture of this shape.
fn takes(model: &Model, shape: [usize; 4]) -> Result<(), NetworkError> {
    let given = format!("one input of {shape:?}");
    let refused = |found: String| Err(NetworkError::Input { found, given: given.clone() });
    let inputs = model.input_ids().len();
    if inputs != 1 {
        return refused(format!("{inputs} inputs"));
    }
    let Some(declared) = model.input_shape(0) else { return Ok(()) };
    let fits = |(declared, given): (&Dimension, &usize)| match declared {
        Dimension::Fixed(size) => size == given,
        Dimension::Symbolic(_) => true,
    };
    if declared.len() != shape.len() || !declared.iter().zip(&shape).all(fits) {
        let size = |size: &Dimension| match size {
            Dimension::Fixed(size) => size.to_string(),
            Dimension::Symbolic(name) => name.clone(),
        };
        let sizes: Vec<String> = declared.iter().map(size).collect();
        return refused(format!("an input of [{}]", sizes.join(", ")));
    }
    Ok(())
}

/// The output of a name, or the first one.
fn chosen(model: &Model, name: Option<&str>) -> Result<NodeId, NetworkError> {
    let name_of =
        |id: &NodeId| model.node_info(*id).and_then(|node| node.name().map(str::to_owned));
    let ids = model.output_ids();
    let found = match name {
        Some(name) => ids.iter().find(|id| name_of(id).as_deref() == Some(name)),
        None => ids.first(),
    };
    found.copied().ok_or_else(|| NetworkError::NoOutput {
        name: name.unwrap_or("at all").into(),
        known: ids.iter().filter_map(name_of).collect::<Vec<_>>().join(", "),
    })
}

/// The score of an answer by a rule.
///
/// # Errors
/// When the answer has too few values, one that is no number, or a probability that is none.
pub fn score(values: &[f64], rule: &Output) -> Result<f64, NetworkError> {
    let refused = |found: String, needed: &str| {
        Err(NetworkError::Answer { found, needed: needed.to_owned() })
    };
    let Some(&value) = values.get(rule.index) else {
        return refused(format!("{} values", values.len()), &format!("index {}", rule.index));
    };
    if let Some(odd) = values.iter().find(|value| !value.is_finite()) {
        return refused(odd.to_string(), "finite numbers");
    }
    let probability = match rule.map {
        Map::Sigmoid => 1.0 / (1.0 + (-value).exp()),
        Map::Softmax => {
            let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = values.iter().map(|other| (other - largest).exp()).sum();
            (value - largest).exp() / sum
        }
        Map::Probability if (0.0..=1.0).contains(&value) => value,
        Map::Probability => return refused(value.to_string(), "a probability within 0..=1"),
    };
    Ok(if rule.invert { 1.0 - probability } else { probability })
}
