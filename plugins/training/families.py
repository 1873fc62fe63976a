# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which generators are one family (held out together), and which hypothesis they train."""

_FAMILIES = {
    "openai_gpt": "gpt4o_image gpt_image_1 gpt_image_2",
    "google": "nano_banana nano_banana_pro gemini_3_pro_image google_imagen",
    "flux": "flux1_dev flux1_dev_xlabs flux1_kontext_edit flux1_schnell flux2_dev flux2_klein flux2_pro krea2 chroma",
    "sd1": "stable_diffusion_1x stable_diffusion_1x_finetune stable_diffusion_2x stable_diffusion_artbench"
    " stable_diffusion_dreambooth stable_diffusion_unspecified dreamstudio_art starryai_art ldm_artbench"
    " ldm_text2img glid3_xl unknown_diffusion_ml72",
    "sdxl_sd3": "sdxl stable_cascade anima ernie_image lens boogu sefi_image ovis_image",
    "qwen_and_alike": "qwen_image_edit hidream_i1 hidream_e1_edit hidream_o1 hunyuan_dit lumina2 omnigen2 aura_flow"
    " wan2_2 longcat_image mage_flow ideogram4 cosmos_predict2 adobe_firefly",
    "midjourney": "midjourney_art midjourney_unspecified midjourney_v2_v3 midjourney_v5",
    "dalle2_pixel": "dalle2 dalle_unspecified_art disco_diffusion",
    "simulacra": "simulacrabot",
    "unknown_web": "unknown_laboratoriet",
    "stylegan": "stylegan2_ada_dogs stylegan2_ada_metfaces stylegan2_ffhq stylegan2_other_faces progan",
    "biggan": "biggan_clip_bigsleep",
    "vqgan": "vqgan_clip",
    "dalle_mini": "dalle_mini",
    "unknown_gan": "unknown_gan",
}
FAMILY = {generator: family for family, names in _FAMILIES.items() for generator in names.split()}

#: Decoders trained against a discriminator and run without diffusion. DALL-E mini draws its tokens with a
#: transformer, but its pixels come from a VQGAN decoder.
GAN = {"stylegan", "biggan", "vqgan", "dalle_mini", "unknown_gan"}


def hypothesis(family):
    return "gan" if family in GAN else "diffusion"
