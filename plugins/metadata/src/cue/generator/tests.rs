// SPDX-License-Identifier: MIT OR Apache-2.0
use super::super::generator_table::RULES;
use super::*;
use crate::account::{Place, Statements};
use crate::lib_tests::account_of;
use crate::synth::{
    jpeg, jpeg_with_exif, jpeg_with_iptc, jpeg_with_xmp, png, png_texts, webp, xmp_packet,
    xmp_property, Exif,
};

const UUID: &str = "1f3c9a52-7d1e-4b6f-9c7c-0a1b2c3d4e50";
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";

/// What the file at hand declares: generator and code.
fn declared(file: &[u8]) -> Vec<(String, String)> {
    let cues = cues(&account_of(file));
    let name = |cue: &Cue| match &cue.finding.values[0].value {
        assay_plugin_api::report::Value::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    };
    cues.iter().map(|cue| (name(cue), cue.finding.code.to_string())).collect()
}

/// What the file's first declaration says under this name.
fn value(file: &[u8], name: &str) -> Option<String> {
    let cue = cues(&account_of(file)).into_iter().next()?;
    let value = cue.finding.values.iter().find(|value| value.name == name)?;
    match &value.value {
        assay_plugin_api::report::Value::Text(text) => Some(text.to_string()),
        other => panic!("{other:?}"),
    }
}

fn generator(file: &[u8]) -> Option<String> {
    let mut all = declared(file);
    assert!(all.len() <= 1, "{all:?}");
    all.pop().map(|(name, _)| name)
}

/// A value that satisfies a test.
fn example(test: &Test) -> String {
    match test {
        Test::Any => "anything".into(),
        Test::Is(text) | Test::Starts(text) | Test::Words(text) => (*text).into(),
        Test::Holds(parts) => format!("{{{}}}", parts.join(" 1, ")),
        Test::Ask(_) => format!("a house --v 6.0 Job ID: {UUID}"),
    }
}

#[test]
fn every_row_is_found_under_each_of_its_keys() {
    // Questions of these two have tests of their own.
    let is_asked = |rule: &Rule| {
        matches!(rule.test, Test::Ask(_)) && ["xAI Grok", "ByteDance"].contains(&rule.generator)
    };
    for rule in RULES.iter().filter(|rule| !is_asked(rule)) {
        for key in rule.keys {
            let place = rule.places.first().copied().unwrap_or(Place::Xmp);
            let mut account = Account { statements: Statements::default(), ..Account::default() };
            account.statements.push(Statement::new(place, *key, example(&rule.test)));
            let cues = cues(&account);
            assert_eq!(cues.len(), 1, "{}, {key}", rule.generator);
            let text = cues[0].finding.text.as_str();
            // A general row's example may satisfy a particular row of the same family.
            let names = RULES.iter().filter(|other| {
                matches(other, account.statements.iter().next().unwrap(), &account)
            });
            assert!(names.clone().any(|other| other.generator == rule.generator), "{text}");
        }
    }
}

#[test]
fn texts_of_the_open_programs_name_their_program() {
    let parameters = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512";
    let cases: &[(&str, &str, &str)] = &[
        ("parameters", parameters, "Stable Diffusion WebUI"),
        (
            "parameters",
            "a cat\nSteps: 4, CFG scale: 1, Seed: 42, Version: stable-diffusion.cpp",
            "stable-diffusion.cpp",
        ),
        ("parameters", "{\"adm_guidance\": \"(1.5, 0.8, 0.3)\", \"seed\": 1}", "Fooocus"),
        ("parameters", "{\"sui_image_params\": {\"prompt\": \"x\"}}", "SwarmUI"),
        ("prompt", "{\"3\": {\"inputs\": {\"seed\": 1}, \"class_type\": \"KSampler\"}}", "ComfyUI"),
        ("workflow", "{\"last_node_id\": 9, \"nodes\": [], \"links\": []}", "ComfyUI"),
        ("invokeai_metadata", "{\"app_version\": \"3.4.0\"}", "InvokeAI"),
        ("Dream", "\"a cat\" -s 50 -S 2980747362 -W 512", "InvokeAI"),
        ("Software", "NovelAI", "NovelAI"),
        ("use_stable_diffusion_model", "sd-v1-4", "Easy Diffusion"),
    ];
    for (key, value, expected) in cases {
        assert_eq!(generator(&png_texts(&[(key, value)])).as_deref(), Some(*expected), "{key}");
    }
    let jpeg = jpeg_with_exif(&Exif::default().user_comment(parameters));
    assert_eq!(generator(&jpeg).as_deref(), Some("Stable Diffusion WebUI"));
}

#[test]
fn every_place_in_which_a_generator_writes_is_read() {
    let webui = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512";
    let comfy = r#"{"3": {"inputs": {"seed": 1}, "class_type": "KSampler"}}"#;
    let swarm = r#"{"sui_image_params": {"prompt": "x", "model": "flux"}}"#;
    let fooocus = r#"{"adm_guidance": "(1.5, 0.8, 0.3)", "seed": 1}"#;
    let draw_things = r#"{"c": "a cat", "sampler": "DDIM", "seed": 4, "steps": 20, "model": "x"}"#;
    let novelai = r#"{"Description": "a cat", "Software": "NovelAI", "Source": "NovelAI V4"}"#;
    let job = format!("a fox --v 6.1 Job ID: {UUID}");
    let comment = |text: &str| jpeg_with_exif(&Exif::default().user_comment(text));
    let in_webp = |exif: &Exif| webp(&[(b"VP8L", &[0x2f, 0, 0, 0, 0]), (b"EXIF", &exif.block())]);
    const EXIF_NS: &str = "http://ns.adobe.com/exif/1.0/";
    const DC: &str = "http://purl.org/dc/elements/1.1/";
    let in_xmp = |namespace: &str, name: &str, text: &str| {
        jpeg_with_xmp(&xmp_property(namespace, name, &text.replace('<', "&lt;")))
    };
    let cases = [
        (png_texts(&[("parameters", webui)]), "Stable Diffusion WebUI"),
        (comment(webui), "Stable Diffusion WebUI"),
        (in_webp(&Exif::default().user_comment(webui)), "Stable Diffusion WebUI"),
        (jpeg(&[(0xfe, webui.as_bytes())]), "Stable Diffusion WebUI"),
        (in_xmp(DC, "description", webui), "Stable Diffusion WebUI"),
        (in_xmp(EXIF_NS, "UserComment", webui), "Stable Diffusion WebUI"),
        (jpeg_with_iptc(120, webui), "Stable Diffusion WebUI"),
        (png_texts(&[("prompt", comfy)]), "ComfyUI"),
        (in_webp(&Exif::default().text(272, &format!("prompt:{comfy}"))), "ComfyUI"),
        (comment(comfy), "ComfyUI"),
        (jpeg(&[(0xfe, comfy.as_bytes())]), "ComfyUI"),
        (png_texts(&[("invokeai_graph", "{\"id\": \"1\"}")]), "InvokeAI"),
        (png_texts(&[("sd-metadata", "{\"model\": \"stable diffusion\"}")]), "InvokeAI"),
        (png_texts(&[("Dream", "\"a cat\" -s50 -S42 -W512 -H512 -C7.5 -Ak_lms")]), "InvokeAI"),
        (comment(novelai), "NovelAI"),
        (jpeg_with_exif(&Exif::default().text(305, "NovelAI")), "NovelAI"),
        (comment(fooocus), "Fooocus"),
        (jpeg_with_exif(&Exif::default().text(305, "Fooocus v2.5.5")), "Fooocus"),
        (comment(swarm), "SwarmUI"),
        (in_webp(&Exif::default().user_comment(swarm)), "SwarmUI"),
        (comment(draw_things), "Draw Things"),
        (in_xmp(EXIF_NS, "UserComment", draw_things), "Draw Things"),
        (in_xmp(XMP, "CreatorTool", "Draw Things"), "Draw Things"),
        (png_texts(&[("Description", &job)]), "Midjourney"),
        (in_xmp(DC, "description", &job), "Midjourney"),
        (jpeg_with_iptc(120, &job), "Midjourney"),
        (png_texts(&[("Software", "OpenAI DALL·E")]), "OpenAI DALL-E"),
        (in_xmp(XMP, "CreatorTool", "gpt-image-1"), "OpenAI"),
        (png_texts(&[("Software", "Adobe Firefly")]), "Adobe Firefly"),
        (jpeg_with_exif(&Exif::default().text(305, "Adobe Firefly 3")), "Adobe Firefly"),
        (jpeg_with_iptc(110, "Made with Google AI"), "Google AI"),
        (in_xmp(PHOTOSHOP, "Credit", "Made with Google AI"), "Google AI"),
        (in_xmp(XMP, "CreatorTool", "xAI Grok"), "xAI Grok"),
        (png_texts(&[("Software", "Ideogram AI")]), "Ideogram"),
        (in_xmp(XMP, "CreatorTool", "Ideogram AI"), "Ideogram"),
        (png_texts(&[("Software", "reve.com")]), "Reve"),
        (jpeg_with_exif(&Exif::default().text(305, "Reve")), "Reve"),
        (comment("Made with OpenAI Labs"), "OpenAI DALL-E"),
        // DALL·E 2 puts the comment, without a character code, into the first directory.
        (
            png(&[(b"eXIf", &Exif::default().text(37_510, "Made with OpenAI Labs").block())]),
            "OpenAI DALL-E",
        ),
        (in_xmp(DC, "creator", "VQGAN+CLIP"), "VQGAN+CLIP"),
    ];
    for (index, (file, expected)) in cases.iter().enumerate() {
        assert_eq!(generator(file).as_deref(), Some(*expected), "case {index}");
    }
}

#[test]
fn names_of_networks_beside_an_empty_model_and_in_xmp_are_read() {
    let cpp = "a cat\nSteps: 20, CFG scale: 6.0, Seed: 42, Size: 512x512, Model: , RNG: cuda, \
               Unet: anima-preview.safetensors, Version: stable-diffusion.cpp";
    let cpp = png_texts(&[("parameters", cpp)]);
    assert_eq!(value(&cpp, "model").as_deref(), Some("anima-preview.safetensors"));
    let vqgan = xmp_packet(
        "<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/'>\
         <dc:creator><rdf:Seq><rdf:li>VQGAN+CLIP</rdf:li></rdf:Seq></dc:creator>\
         <dc:i><rdf:Seq><rdf:li>320</rdf:li></rdf:Seq></dc:i>\
         <dc:model><rdf:Seq><rdf:li>Gumbel 8192</rdf:li></rdf:Seq></dc:model>\
         <dc:seed><rdf:Seq><rdf:li>1010</rdf:li></rdf:Seq></dc:seed></rdf:Description>",
    );
    let vqgan = jpeg_with_xmp(&vqgan);
    assert_eq!(value(&vqgan, "model").as_deref(), Some("Gumbel 8192"));
    assert_eq!(value(&vqgan, "parameters").as_deref(), Some("steps 320, seed 1010"));
}

/// Forms of programs and services as in their own files (enslo/sd-metadata), shortened.
#[test]
fn programs_that_write_another_ones_form_are_named() {
    let webui = |end: &str| {
        format!("a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Model: x{end}")
    };
    let graph = r#"{"3": {"inputs": {"seed": 1}, "class_type": "KSampler"}}"#;
    let files = [
        (png_texts(&[("parameters", &webui(", Version: v1.10.1"))]), WEBUI),
        (
            png_texts(&[("parameters", &webui(", Version: f2.0.1v1.10.1-previous-669"))]),
            "Stable Diffusion WebUI Forge",
        ),
        (png_texts(&[("parameters", &webui(", Version: neo"))]), "Stable Diffusion WebUI Forge"),
        (
            jpeg_with_exif(&Exif::default().user_comment(&webui(", App: SD.Next, Version: 56a8"))),
            "SD.Next",
        ),
        (png_texts(&[("parameters", &webui(", Version: ComfyUI"))]), "ComfyUI"),
        (png_texts(&[("prompt", graph), ("parameters", &webui(""))]), "ComfyUI"),
        (
            jpeg_with_exif(&Exif::default().user_comment(&graph.replace('1', "\"urn:air:sdxl\""))),
            "Civitai",
        ),
        (
            png_texts(&[("parameters", r#"{"Prompt": "x", "software": "RuinedFooocus"}"#)]),
            "RuinedFooocus",
        ),
        (
            png_texts(&[("parameters", r#"{"negative_prompt": "x", "use_upscaler": null}"#)]),
            "Hugging Face Space",
        ),
        (
            jpeg_with_exif(&Exif::default().user_comment(r#"{"mflux_version": "0.9", "seed": 4}"#)),
            "mflux",
        ),
        (
            png_texts(&[(
                "parameters",
                r#"{"negative_prompt": "x", "seed": 1, "guidance_scale": 6}"#,
            )]),
            "a diffusion program",
        ),
        (
            jpeg_with_exif(&Exif::default().text(0x9286, &format!(r#"{{"prompt": {graph}}}"#))),
            "ComfyUI",
        ),
        (jpeg_with_exif(&Exif::default().text(271, "Aphrodite AI")), "Aphrodite AI"),
    ];
    for (index, (file, expected)) in files.iter().enumerate() {
        assert_eq!(generator(file).as_deref(), Some(*expected), "file {index}");
    }
}

#[test]
fn a_front_end_is_named_before_the_program_that_it_drives() {
    let graph = r#"{"3": {"inputs": {"seed": 1}, "class_type": "KSampler"}}"#;
    let swarm = r#"{"sui_image_params": {"prompt": "x"}}"#;
    let tensor = r#"{"prompt": "x", "models": [], "baseModel": {"label": "y"}}"#;
    for (key, value, expected) in [
        ("parameters", swarm, "SwarmUI"),
        ("generation_data", tensor, "Tensor.Art"),
        ("smproj", "{\"Version\": 2}", "Stability Matrix"),
    ] {
        let names = declared(&png_texts(&[("prompt", graph), (key, value)]));
        let names: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [expected, "ComfyUI"]);
    }
}

#[test]
fn bytedances_type_declares_a_generator_and_its_zero_does_not() {
    let described = |text: &str| generator(&jpeg_with_exif(&Exif::default().text(270, text)));
    for text in [r#"{"data": {"aigc_label_type": 2}}"#, r#"{"x": "{\"aigc_type\":1}"}"#] {
        assert_eq!(described(text).as_deref(), Some("ByteDance"), "{text}");
    }
    for text in [r#"{"aigc_label_type": 0}"#, r#"{"aigc_type": 12}"#, "aigc_type 1"] {
        assert_eq!(described(text), None, "{text}");
    }
}

#[test]
fn enlarging_by_the_webui_is_an_edit() {
    let extras = "Postprocess upscale by: 2, Postprocess upscaler: R-ESRGAN 4x+";
    let expected = (WEBUI.to_owned(), "provenance.declared.ai_edit".to_owned());
    assert_eq!(declared(&png_texts(&[("postprocessing", extras)])), [expected]);
}

#[test]
fn the_first_form_of_invokeai_gives_its_settings_and_not_its_prompt() {
    let dream = "\"a secret cat\" -s 50 -S 42 -W 512 -H 768 -C 7.5 -A k_lms";
    let cues = cues(&account_of(&png_texts(&[("Dream", dream)])));
    let settings = cues[0].finding.values.iter().find(|v| v.name == "parameters").unwrap();
    let expected = "steps 50, sampler k_lms, cfg 7.5, seed 42, width 512, height 768";
    assert_eq!(settings.value, expected.into());
}

#[test]
fn services_are_found_in_exif_xmp_and_iptc() {
    let files = [
        (jpeg_with_xmp(&xmp_property(XMP, "CreatorTool", "Adobe Firefly 2")), "Adobe Firefly"),
        (jpeg_with_xmp(&xmp_property(PHOTOSHOP, "Credit", "Made with Google AI")), "Google AI"),
        (jpeg_with_iptc(110, "Made with Google AI"), "Google AI"),
        (jpeg_with_exif(&Exif::default().text(271, "Ideogram AI")), "Ideogram"),
        (
            jpeg_with_exif(&Exif::default().text(305, "AI generated;txt2img;flux")),
            "Black Forest Labs FLUX",
        ),
        (jpeg_with_exif(&Exif::default().text(305, "OpenAI DALL-E 3")), "OpenAI DALL-E"),
        (
            jpeg_with_exif(&Exif::default().text(270, &format!("a fox Job ID: {UUID}"))),
            "Midjourney",
        ),
    ];
    for (file, expected) in files {
        assert_eq!(generator(&file).as_deref(), Some(expected));
    }
}

#[test]
fn xai_needs_both_its_signature_and_its_artist() {
    let signature = format!("Signature: {}", "Ab1+".repeat(20));
    let signed = Exif::default().text(270, &signature);
    assert_eq!(generator(&jpeg_with_exif(&signed)), None);
    let whole = signed.text(315, UUID);
    assert_eq!(generator(&jpeg_with_exif(&whole)).as_deref(), Some("xAI Grok"));
}

#[test]
fn an_edit_with_ai_is_not_called_generated() {
    let file = jpeg_with_iptc(110, "Edited with Google AI");
    assert_eq!(declared(&file), [("Google AI".into(), "provenance.declared.ai_edit".into())]);
    let cleaned = jpeg_with_xmp(&xmp_property(PHOTOSHOP, "Credit", "Apple Photos Clean Up"));
    let expected = ("Apple Photos Clean Up".into(), "provenance.declared.ai_edit".into());
    assert_eq!(declared(&cleaned), [expected]);
    let hosted = png_texts(&[("hf-job-id", "0123")]);
    assert_eq!(declared(&hosted), [("Hugging Face".into(), "provenance.declared.host".into())]);
}

#[test]
fn names_in_prompts_captions_and_authors_are_no_declarations() {
    let files = [
        png_texts(&[("Author", "Midjourney fan")]),
        png_texts(&[("Description", "How Stable Diffusion and DALL-E work; shot on Canon EOS R5")]),
        png_texts(&[("Comment", "Steps to the house, Sampler of wines")]),
        png_texts(&[("Title", "Midjourney")]),
        png_texts(&[("parameters", "aperture, exposure")]),
        png_texts(&[("prompt", "Say cheese!"), ("workflow", "scan, crop, save")]),
        jpeg_with_exif(&Exif::camera().text(315, "OpenAI Fan Club")),
        jpeg_with_exif(&Exif::camera().text(271, "Trust.").text(272, "Gemini11")),
        jpeg_with_exif(&Exif::camera().text(305, "Adobe Photoshop CC 2019 (Windows)")),
        jpeg_with_exif(&Exif::camera().text(270, "Job ID: 4711")),
        jpeg_with_iptc(110, "Made with Google Maps"),
        jpeg_with_iptc(120, "Adobe Firefly was announced today"),
    ];
    for (index, file) in files.iter().enumerate() {
        assert_eq!(generator(file), None, "file {index}");
    }
}

#[test]
fn one_generator_named_in_many_places_is_one_finding() {
    let file = png_texts(&[
        ("Software", "NovelAI"),
        ("Title", "AI generated image"),
        ("Source", "NovelAI Diffusion"),
    ]);
    assert_eq!(declared(&file).len(), 1);
}

#[test]
fn excerpts_are_cleaned() {
    let file = png_texts(&[("invokeai_metadata", "\u{1b}[2J\u{202e}evil")]);
    let cues = cues(&account_of(&file));
    assert!(cues[0].finding.values.iter().any(|v| v.value == "[2Jevil".into()));
}
