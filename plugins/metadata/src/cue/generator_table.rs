// SPDX-License-Identifier: MIT OR Apache-2.0
//! What generators write about themselves, as data: where, under which key, which text, whose.
//!
//! Every row names a place and a key, so that a generator's name in a prompt, a caption or an
//! author's name is no declaration. The first row that matches a statement speaks for it.
//!
//! **Source of the rows**: the writing code of the open programs (`parameters` of the Stable
//! Diffusion WebUI, `prompt`/`workflow` of ComfyUI, `invokeai_metadata` of InvokeAI, …) and the
//! published notes of the services (IPTC Photo Metadata User Guide; Google's `Credit`; Black Forest
//! Labs' and Ideogram's `Make`; Reve's `Software`, `reve.com`), the readers and samples of
//! enslo/sd-metadata, and files of DALL·E 2's site and of VQGAN+CLIP.

use super::generator::{has_aigc_type, is_job_id, is_xai};
use crate::account::{Account, Place};

/// What the file claims by such a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A generator made the picture.
    Generated,
    /// A generator changed a part of the picture.
    Edited,
    /// The file comes from a place where generators run.
    Hosted,
}

/// How a value is tested. Letter case counts only in [`Test::Holds`].
#[derive(Clone, Copy)]
pub(crate) enum Test {
    /// Any text at all.
    Any,
    /// The whole value.
    Is(&'static str),
    /// The value's start.
    Starts(&'static str),
    /// Whole words anywhere, lower case.
    Words(&'static str),
    /// All of these, anywhere.
    Holds(&'static [&'static str]),
    /// A question about the value and the whole account.
    Ask(fn(&str, &Account) -> bool),
}

/// One row.
pub(crate) struct Rule {
    /// Places where it holds; empty for everywhere.
    pub places: &'static [Place],
    /// Keys under which it holds, letter case ignored.
    pub keys: &'static [&'static str],
    /// Which value.
    pub test: Test,
    /// Whose it is.
    pub generator: &'static str,
    /// What it claims.
    pub claim: Claim,
}

const PNG: &[Place] = &[Place::PngText, Place::Stealth];
const HIDDEN: &[Place] = &[Place::Stealth];
const EXIF: &[Place] = &[Place::Exif];
const ANYWHERE: &[Place] = &[];

/// Fields that name the program which made the file.
pub(crate) const TOOLS: &[&str] = &[
    "Software",
    "ProcessingSoftware",
    "HostComputer",
    "Make",
    "Model",
    "Generator",
    "Source",
    "xmp:CreatorTool",
    "tiff:Software",
    "tiff:Make",
    "stEvt:softwareAgent",
    "OriginatingProgram",
];
/// Fields that name who made the picture. Only a whole value counts: people call themselves so too.
const MAKERS: &[&str] =
    &["Artist", "Author", "Credit", "By-line", "dc:creator", "photoshop:Credit"];
/// Fields that hold generation parameters.
const PARAMETERS: &[&str] = &[
    "parameters",
    "UserComment",
    "exif:UserComment",
    "ImageDescription",
    "Comment",
    "XPComment",
    "COM",
    "Description",
    "dc:description",
    "Caption",
];
/// Fields into which ComfyUI's nodes put its graph.
const COMFY: &[&str] =
    &["Make", "Model", "ImageDescription", "UserComment", "exif:UserComment", "COM", "Comment"];
/// Fields that hold a caption.
const CAPTIONS: &[&str] = &[
    "Description",
    "ImageDescription",
    "dc:description",
    "Caption",
    "XPComment",
    "Comment",
    "UserComment",
];

/// The program whose form of text many others write.
pub(crate) const WEBUI: &str = "Stable Diffusion WebUI";

const fn generated(
    places: &'static [Place],
    keys: &'static [&'static str],
    test: Test,
    generator: &'static str,
) -> Rule {
    Rule { places, keys, test, generator, claim: Claim::Generated }
}

/// The notebooks and programs that steer a VQGAN by CLIP, which call themselves so.
pub(crate) const VQGAN_CLIP: &str = "VQGAN+CLIP";

/// A program that does not name itself.
const DIFFUSION: &str = "a diffusion program";

/// A row of a program that writes the WebUI's text with a mark of its own.
const fn webui_like(mark: &'static [&'static str], program: &'static str) -> Rule {
    generated(ANYWHERE, PARAMETERS, Test::Holds(mark), program)
}

/// The rows, particular ones before general ones: a front end before the program that it drives.
pub(crate) const RULES: &[Rule] = &[
    // Texts of the open programs.
    generated(ANYWHERE, PARAMETERS, Test::Holds(&["\"sui_image_params\""]), "SwarmUI"),
    generated(PNG, &["smproj", "parameters-json"], Test::Holds(&["{"]), "Stability Matrix"),
    generated(
        PNG,
        &["generation_data"],
        Test::Holds(&["\"prompt\"", "\"baseModel\""]),
        "Tensor.Art",
    ),
    generated(ANYWHERE, COMFY, Test::Holds(&["\"class_type\"", "urn:air:"]), "Civitai"),
    generated(
        ANYWHERE,
        PARAMETERS,
        Test::Holds(&["\"software\"", "\"RuinedFooocus\""]),
        "RuinedFooocus",
    ),
    generated(ANYWHERE, PARAMETERS, Test::Holds(&["\"mflux_version\""]), "mflux"),
    generated(
        ANYWHERE,
        PARAMETERS,
        Test::Holds(&["\"use_stable_diffusion_model\""]),
        "Easy Diffusion",
    ),
    generated(
        ANYWHERE,
        PARAMETERS,
        Test::Holds(&["\"negative_prompt\"", "\"use_upscaler\""]),
        "Hugging Face Space",
    ),
    generated(PNG, &["fooocus_scheme"], Test::Any, "Fooocus"),
    generated(ANYWHERE, PARAMETERS, Test::Holds(&["\"adm_guidance\""]), "Fooocus"),
    webui_like(&["Steps: ", "Seed: ", "Version: Fooocus"], "Fooocus"),
    webui_like(&["Steps: ", "Seed: ", "Version: stable-diffusion.cpp"], "stable-diffusion.cpp"),
    webui_like(&["Steps: ", "Seed: ", "Civitai resources: "], "Civitai"),
    webui_like(&["Steps: ", "Seed: ", "App: SD.Next"], "SD.Next"),
    webui_like(&["Steps: ", "Seed: ", "Version: ComfyUI"], "ComfyUI"),
    // Forge and what grew from it: `f2.0.1v1.10.1-…`, `classic`, `neo`.
    webui_like(&["Steps: ", "Seed: ", "Version: f"], "Stable Diffusion WebUI Forge"),
    webui_like(&["Steps: ", "Seed: ", "Version: classic"], "Stable Diffusion WebUI Forge"),
    webui_like(&["Steps: ", "Seed: ", "Version: neo"], "Stable Diffusion WebUI Forge"),
    webui_like(&["Steps: ", "Seed: "], WEBUI),
    webui_like(&["Steps: ", "Sampler: "], WEBUI),
    Rule {
        places: PNG,
        keys: &["postprocessing", "extras"],
        test: Test::Holds(&["upscale"]),
        generator: WEBUI,
        claim: Claim::Edited,
    },
    generated(PNG, &["prompt"], Test::Holds(&["\"class_type\"", "\"inputs\""]), "ComfyUI"),
    generated(PNG, &["workflow"], Test::Holds(&["\"nodes\"", "\"links\""]), "ComfyUI"),
    generated(ANYWHERE, COMFY, Test::Holds(&["\"class_type\"", "\"inputs\""]), "ComfyUI"),
    generated(EXIF, COMFY, Test::Holds(&["orkflow:", "\"nodes\"", "\"links\""]), "ComfyUI"),
    generated(
        PNG,
        &["invokeai_metadata", "invokeai_graph", "invokeai_workflow"],
        Test::Any,
        "InvokeAI",
    ),
    generated(PNG, &["sd-metadata"], Test::Holds(&["\"model"]), "InvokeAI"),
    generated(PNG, &["Dream"], Test::Holds(&[" -s", " -S"]), "InvokeAI"),
    generated(PNG, &["Software"], Test::Is("NovelAI"), "NovelAI"),
    generated(PNG, &["Source"], Test::Starts("NovelAI"), "NovelAI"),
    generated(PNG, &["Title"], Test::Is("NovelAI generated image"), "NovelAI"),
    generated(PNG, &["Title"], Test::Is("AI generated image"), "NovelAI"),
    generated(
        EXIF,
        &["UserComment", "ImageDescription"],
        Test::Holds(&["\"Software\"", "\"NovelAI\""]),
        "NovelAI",
    ),
    generated(PNG, &["use_stable_diffusion_model"], Test::Any, "Easy Diffusion"),
    generated(
        ANYWHERE,
        &["UserComment", "exif:UserComment"],
        Test::Holds(&["\"sampler\"", "\"seed\"", "\"steps\"", "\"model\""]),
        "Draw Things",
    ),
    // Only tools around the WebUI hide a text in this way; NovelAI's has fields that are told above.
    generated(HIDDEN, &["parameters"], Test::Any, WEBUI),
    // Settings that nothing but a diffusion program has, under names that many of them use.
    generated(
        ANYWHERE,
        PARAMETERS,
        Test::Holds(&["\"negative_prompt\"", "\"seed\"", "\"guidance_scale\""]),
        DIFFUSION,
    ),
    generated(PNG, &["negative_prompt", "negative-prompt"], Test::Any, DIFFUSION),
    Rule {
        places: PNG,
        keys: &["hf-job-id"],
        test: Test::Any,
        generator: "Hugging Face",
        claim: Claim::Hosted,
    },
    // Texts of the services.
    generated(ANYWHERE, CAPTIONS, Test::Ask(is_job_id), "Midjourney"),
    generated(EXIF, &["ImageDescription"], Test::Ask(is_xai), "xAI Grok"),
    generated(
        ANYWHERE,
        &["Credit", "photoshop:Credit"],
        Test::Is("Made with Google AI"),
        "Google AI",
    ),
    Rule {
        places: ANYWHERE,
        keys: &["Credit", "photoshop:Credit"],
        test: Test::Is("Edited with Google AI"),
        generator: "Google AI",
        claim: Claim::Edited,
    },
    Rule {
        places: ANYWHERE,
        keys: &["Credit", "photoshop:Credit"],
        test: Test::Is("Apple Photos Clean Up"),
        generator: "Apple Photos Clean Up",
        claim: Claim::Edited,
    },
    generated(EXIF, &["ImageDescription", "UserComment"], Test::Ask(has_aigc_type), "ByteDance"),
    generated(EXIF, &["Software"], Test::Starts("AI generated;"), "Black Forest Labs FLUX"),
    generated(ANYWHERE, CAPTIONS, Test::Starts("DALL·E 20"), "OpenAI DALL-E"),
    // DALL·E 2 wrote it into the files of its own site.
    generated(ANYWHERE, CAPTIONS, Test::Is("Made with OpenAI Labs"), "OpenAI DALL-E"),
    // Names in fields of the program.
    generated(ANYWHERE, TOOLS, Test::Words("black forest labs"), "Black Forest Labs FLUX"),
    generated(ANYWHERE, TOOLS, Test::Words("ideogram"), "Ideogram"),
    generated(ANYWHERE, TOOLS, Test::Words("ideogram ai"), "Ideogram"),
    generated(ANYWHERE, TOOLS, Test::Words("adobe firefly"), "Adobe Firefly"),
    generated(ANYWHERE, TOOLS, Test::Words("midjourney"), "Midjourney"),
    generated(ANYWHERE, TOOLS, Test::Words("dall-e"), "OpenAI DALL-E"),
    generated(ANYWHERE, TOOLS, Test::Words("dall·e"), "OpenAI DALL-E"),
    generated(ANYWHERE, TOOLS, Test::Words("openai"), "OpenAI"),
    generated(ANYWHERE, TOOLS, Test::Words("chatgpt"), "OpenAI"),
    generated(ANYWHERE, TOOLS, Test::Words("gpt-image"), "OpenAI"),
    generated(ANYWHERE, TOOLS, Test::Words("bing image creator"), "Bing Image Creator"),
    generated(ANYWHERE, TOOLS, Test::Words("stable diffusion"), "Stable Diffusion"),
    generated(ANYWHERE, TOOLS, Test::Words("stablediffusion"), "Stable Diffusion"),
    generated(ANYWHERE, TOOLS, Test::Words("dreamstudio"), "Stability AI"),
    generated(ANYWHERE, TOOLS, Test::Words("stability ai"), "Stability AI"),
    generated(ANYWHERE, TOOLS, Test::Words("comfyui"), "ComfyUI"),
    generated(ANYWHERE, TOOLS, Test::Words("invokeai"), "InvokeAI"),
    generated(ANYWHERE, TOOLS, Test::Words("novelai"), "NovelAI"),
    generated(ANYWHERE, TOOLS, Test::Words("fooocus"), "Fooocus"),
    generated(ANYWHERE, TOOLS, Test::Words("swarmui"), "SwarmUI"),
    generated(ANYWHERE, TOOLS, Test::Words("draw things"), "Draw Things"),
    generated(ANYWHERE, TOOLS, Test::Words("diffusionbee"), "DiffusionBee"),
    generated(ANYWHERE, TOOLS, Test::Words("mochi diffusion"), "Mochi Diffusion"),
    generated(ANYWHERE, TOOLS, Test::Words("easy diffusion"), "Easy Diffusion"),
    generated(ANYWHERE, TOOLS, Test::Words("grok"), "xAI Grok"),
    generated(ANYWHERE, TOOLS, Test::Words("xai"), "xAI Grok"),
    generated(ANYWHERE, TOOLS, Test::Words("made with google ai"), "Google AI"),
    generated(ANYWHERE, TOOLS, Test::Words("imagefx"), "Google AI"),
    generated(ANYWHERE, TOOLS, Test::Words("google gemini"), "Google AI"),
    generated(ANYWHERE, TOOLS, Test::Words("reve"), "Reve"),
    generated(ANYWHERE, TOOLS, Test::Words("reve.art"), "Reve"),
    generated(ANYWHERE, TOOLS, Test::Words("aphrodite ai"), "Aphrodite AI"),
    generated(ANYWHERE, TOOLS, Test::Words("fal-ai"), "fal.ai"),
    generated(ANYWHERE, TOOLS, Test::Words("recraft"), "Recraft"),
    generated(ANYWHERE, TOOLS, Test::Words("leonardo.ai"), "Leonardo AI"),
    generated(ANYWHERE, TOOLS, Test::Words("leonardo ai"), "Leonardo AI"),
    generated(ANYWHERE, TOOLS, Test::Words("meta ai"), "Meta AI"),
    generated(ANYWHERE, TOOLS, Test::Words("nightcafe"), "NightCafe"),
    generated(ANYWHERE, TOOLS, Test::Words("craiyon"), "Craiyon"),
    generated(ANYWHERE, TOOLS, Test::Words("playground ai"), "Playground AI"),
    generated(ANYWHERE, TOOLS, Test::Words("starryai"), "starryai"),
    generated(ANYWHERE, TOOLS, Test::Words("krea.ai"), "Krea"),
    generated(ANYWHERE, TOOLS, Test::Words("seedream"), "ByteDance Seedream"),
    generated(ANYWHERE, TOOLS, Test::Words("dreamina"), "ByteDance Seedream"),
    generated(ANYWHERE, TOOLS, Test::Words("jimeng"), "ByteDance Seedream"),
    generated(ANYWHERE, TOOLS, Test::Words("qwen-image"), "Qwen-Image"),
    generated(ANYWHERE, TOOLS, Test::Words("hunyuan"), "Tencent Hunyuan"),
    generated(ANYWHERE, TOOLS, Test::Words("tensor.art"), "Tensor.Art"),
    generated(ANYWHERE, TOOLS, Test::Words("seaart"), "SeaArt"),
    generated(ANYWHERE, TOOLS, Test::Words("pixai"), "PixAI"),
    // Names in fields of the author, whole.
    generated(ANYWHERE, MAKERS, Test::Is("OpenAI"), "OpenAI"),
    generated(ANYWHERE, MAKERS, Test::Is("DALL·E"), "OpenAI DALL-E"),
    generated(ANYWHERE, MAKERS, Test::Is("DALL-E"), "OpenAI DALL-E"),
    generated(ANYWHERE, MAKERS, Test::Is("Adobe Firefly"), "Adobe Firefly"),
    generated(ANYWHERE, MAKERS, Test::Is("Midjourney"), "Midjourney"),
    generated(ANYWHERE, MAKERS, Test::Is("Ideogram AI"), "Ideogram"),
    generated(ANYWHERE, MAKERS, Test::Is("Stable Diffusion"), "Stable Diffusion"),
    generated(ANYWHERE, MAKERS, Test::Is(VQGAN_CLIP), VQGAN_CLIP),
];
