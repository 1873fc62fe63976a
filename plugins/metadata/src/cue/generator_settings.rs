// SPDX-License-Identifier: MIT OR Apache-2.0
//! Model and settings in what a generator writes: the text of the Stable Diffusion WebUI, or JSON of any
//! shape. Prompts are left out: they are their writer's words.
//!
//! **Constants and their source.** Names of fields as the open programs write them, the more particular
//! first.

use serde_json::{Map, Value};

use super::dream;
use super::generator_table::VQGAN_CLIP;
use crate::account::{Account, Statement};
use crate::text::{shown, shown_within};

/// Most characters of the settings.
const MAX_SETTINGS_CHARS: usize = 200;
/// Most values of a JSON text that are visited.
const MAX_VALUES: usize = 20_000;
/// Longest value of a setting, characters.
const MAX_VALUE_CHARS: usize = 40;

/// Fields of JSON that name the model.
const MODELS: &[&str] = &[
    "ckpt_name",
    "unet_name",
    "model_name",
    "base_model",
    "Base Model",
    "model_weights",
    "use_stable_diffusion_model",
    "sd_model_name",
    "base_model_name",
    "model",
    "Model",
];
/// Fields of JSON that are settings, under the name by which they are shown.
const SETTINGS: &[(&str, &[&str])] = &[
    ("steps", &["steps", "num_inference_steps", "Steps"]),
    ("sampler", &["sampler_name", "sampler", "Sampler"]),
    ("scheduler", &["scheduler", "noise_schedule"]),
    ("cfg", &["cfg", "cfg_scale", "cfgscale", "guidance_scale", "scale"]),
    ("seed", &["seed", "noise_seed", "Seed"]),
    ("size", &["size", "resolution"]),
    ("width", &["width"]),
    ("height", &["height"]),
];
/// Objects that hold no settings: the place of a graph on the screen.
const NO_SETTINGS: &[&str] = &["ds"];
/// Nodes of ComfyUI's graph of the screen whose first value is the model.
const LOADERS: &[&str] = &["CheckpointLoaderSimple", "UNETLoader"];
/// Field of the object that describes a model by which it is called.
const MODEL_NAMES: &[&str] = &["name"];
/// Fields of the WebUI's last line, under the name by which they are shown.
const WEBUI: &[(&str, &str)] = &[
    ("steps", "Steps"),
    ("sampler", "Sampler"),
    ("scheduler", "Schedule type"),
    ("cfg", "CFG scale"),
    ("seed", "Seed"),
    ("size", "Size"),
    ("version", "Version"),
];
/// Keys of statements that a program writes beside the one that names it.
const COMPANIONS: &[&str] = &[
    "Comment",
    "parameters",
    "prompt",
    "invokeai_metadata",
    "sd-metadata",
    "UserComment",
    "use_stable_diffusion_model",
    "Make",
    "Model",
];
/// Key of InvokeAI's first form.
const DREAM_KEY: &str = "Dream";
/// Field in which NovelAI names its model.
const NOVELAI_MODEL_KEY: &str = "Source";
/// Start of the name where it is that of the program, as in EXIF.
const NOVELAI_PROGRAM: &str = "NovelAI ";

/// Fields that VQGAN+CLIP's programs add to XMP: the network's name, iterations, seed.
const VQGAN_MODEL: &str = "dc:model";
const VQGAN_SETTINGS: [(&str, &str); 2] = [("steps", "dc:i"), ("seed", "dc:seed")];

/// What a generator says of how it made the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// The model.
    pub model: Option<String>,
    /// `steps 20, sampler euler, …`.
    pub parameters: Option<String>,
}

/// The settings in the statement that names `generator`, else in those beside it.
pub(super) fn settings(generator: &str, statement: &Statement, account: &Account) -> Settings {
    let mut settings = of_text(&statement.value);
    if statement.key == DREAM_KEY {
        settings.parameters = joined(dream::settings(&statement.value).into_iter());
    }
    let beside = account
        .statements
        .iter()
        .filter(|other| other.place == statement.place && COMPANIONS.contains(&other.key.as_str()));
    for other in beside {
        if settings.model.is_some() && settings.parameters.is_some() {
            break;
        }
        let further = of_text(&other.value);
        settings.model = settings.model.or(further.model);
        settings.parameters = settings.parameters.or(further.parameters);
    }
    if generator == "NovelAI" {
        let said = |key| account.statements.find(statement.place, key);
        let program = || said("Software").filter(|name| name.starts_with(NOVELAI_PROGRAM));
        let source = said(NOVELAI_MODEL_KEY).or_else(program);
        settings.model = source.map(shown).or(settings.model);
    }
    if generator == VQGAN_CLIP {
        let said = |key| account.statements.find(statement.place, key);
        let value = |key| said(key).map(|value| shown_within(value, MAX_VALUE_CHARS));
        settings.model = said(VQGAN_MODEL).map(shown);
        let named = VQGAN_SETTINGS.iter().filter_map(|(name, key)| Some((*name, value(key)?)));
        settings.parameters = joined(named);
    }
    settings
}

fn of_text(text: &str) -> Settings {
    let json = text.find('{').and_then(|start| text.get(start..));
    let parsed = json.and_then(|json| serde_json::from_str::<Value>(json.trim_end()).ok());
    match parsed {
        Some(value) => of_json(&value),
        None => of_webui(text),
    }
}

/// The WebUI's settings: the last line that starts with them, `key: value` joined by commas.
fn of_webui(text: &str) -> Settings {
    let Some(line) = text.lines().rev().find(|line| line.trim_start().starts_with("Steps: "))
    else {
        return Settings::default();
    };
    let field = |wanted: &str| {
        let pairs = line.split(", ").filter_map(|pair| pair.split_once(": "));
        let mut values = pairs.filter(|(key, _)| key.trim() == wanted).map(|(_, value)| value);
        values.next().map(|value| shown_within(value.trim_matches('"'), MAX_VALUE_CHARS))
    };
    let named = WEBUI.iter().filter_map(|(name, key)| Some((*name, field(key)?)));
    let model = |key| field(key).filter(|value| !value.is_empty());
    // stable-diffusion.cpp leaves the first empty where the network comes in a file of its own.
    Settings { model: model("Model").or_else(|| model("Unet")), parameters: joined(named) }
}

fn of_json(value: &Value) -> Settings {
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut waiting = vec![value];
    let mut visited = 0;
    while let Some(value) = waiting.pop() {
        visited += 1;
        if visited > MAX_VALUES {
            break;
        }
        match value {
            Value::Object(map) => {
                if let Some(model) = loaded(map) {
                    fields.push((MODELS[0], model));
                }
                for (key, value) in map {
                    let named = || MODEL_NAMES.iter().find_map(|name| scalar(value.get(name)?));
                    let is_model = MODELS.contains(&key.as_str());
                    if let Some(text) = scalar(value).or_else(|| named().filter(|_| is_model)) {
                        let is_new = fields.iter().all(|(known, _)| known != key);
                        if is_new && is_wanted(key) {
                            fields.push((key, text));
                        }
                    }
                }
                // Reversed, so that what stands first is visited first.
                let may_hold = |(key, value): &(&String, &Value)| {
                    !value.is_string() && !NO_SETTINGS.contains(&key.as_str())
                };
                waiting.extend(map.iter().rev().filter(may_hold).map(|(_, value)| value));
            }
            Value::Array(list) => waiting.extend(list.iter().rev()),
            _ => {}
        }
    }
    let field = |key: &str| fields.iter().find(|(known, _)| *known == key).map(|(_, text)| text);
    let first = |keys: &[&str]| keys.iter().find_map(|key| field(key)).cloned();
    let named = SETTINGS.iter().filter_map(|(name, keys)| Some((*name, first(keys)?)));
    Settings { model: first(MODELS), parameters: joined(named) }
}

/// The model that a node on the screen loads.
fn loaded(node: &Map<String, Value>) -> Option<String> {
    node.get("type")?.as_str().filter(|kind| LOADERS.contains(kind))?;
    scalar(node.get("widgets_values")?.get(0)?)
}

fn is_wanted(key: &str) -> bool {
    MODELS.contains(&key) || SETTINGS.iter().any(|(_, keys)| keys.contains(&key))
}

/// A text or number as a short text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(shown_within(text, MAX_VALUE_CHARS)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn joined<'a>(fields: impl Iterator<Item = (&'a str, String)>) -> Option<String> {
    let list: Vec<_> = fields.map(|(name, value)| format!("{name} {value}")).collect();
    Some(shown_within(&list.join(", "), MAX_SETTINGS_CHARS)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Option<String>, Option<String>) {
        let settings = of_text(text);
        (settings.model, settings.parameters)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_webuis_last_line_is_read_and_its_prompt_is_not() {
        let text = "a house, Model: none, Steps: never\nNegative prompt: blurry\n\
                    Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, \
                    Model hash: 6ce0161689, Model: v1-5-pruned, Version: v1.9.4";
        let expected = "steps 20, sampler Euler a, cfg 7, seed 1, size 512x512, version v1.9.4";
        assert_eq!(of(text), (some("v1-5-pruned"), some(expected)));
    }

    #[test]
    fn json_of_any_shape_is_read() {
        let comfy = r#"{"3":{"class_type":"KSampler","inputs":{"seed":5,"steps":13,"cfg":8.5,
            "sampler_name":"dpmpp_sde","scheduler":"normal","model":["4",0]}},
            "4":{"class_type":"CheckpointLoaderSimple","inputs":{"ckpt_name":"sdxl.safetensors"}}}"#;
        let expected = "steps 13, sampler dpmpp_sde, scheduler normal, cfg 8.5, seed 5";
        assert_eq!(of(comfy), (some("sdxl.safetensors"), some(expected)));
        let screen = r#"{"last_node_id":2,"nodes":[{"id":1,"type":"KSampler","widgets_values":[7]},
            {"id":2,"type":"CheckpointLoaderSimple","widgets_values":["sd15.ckpt"]}],"links":[]}"#;
        assert_eq!(of(screen), (some("sd15.ckpt"), None));
        let swarm = r#"{"sui_image_params":{"model":"flux","seed":1,"steps":4,"cfgscale":1}}"#;
        assert_eq!(of(swarm), (some("flux"), some("steps 4, cfg 1, seed 1")));
        let invoke = r#"{"steps":30,"model":{"model_name":"dreamshaper"},"scheduler":"euler"}"#;
        assert_eq!(of(invoke), (some("dreamshaper"), some("steps 30, scheduler euler")));
    }

    #[test]
    fn a_model_that_is_described_is_named_and_a_screen_is_no_setting() {
        let invoke = r#"{"seed":1,"model":{"key":"179d","hash":"blake3","name":"juggernaut"}}"#;
        assert_eq!(of(invoke), (some("juggernaut"), some("seed 1")));
        assert_eq!(of(r#"{"nodes":[],"extra":{"ds":{"scale":1.5}}}"#), (None, None));
    }

    #[test]
    fn other_texts_have_no_settings() {
        for text in ["", "a caption", "{}", "{\"a\":", "Steps taken", "{\"seed\":null}"] {
            assert_eq!(of(text), (None, None), "{text}");
        }
    }

    #[test]
    fn deep_and_wide_json_ends() {
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert_eq!(of(&deep), (None, None));
        let wide = format!("[{}1]", "{\"b\":1},".repeat(50_000));
        assert_eq!(of(&wide), (None, None));
    }
}
