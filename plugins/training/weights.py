# SPDX-License-Identifier: MIT OR Apache-2.0
"""Writes the model file that `assay_signal::model` reads; its module doc gives the format."""
import hashlib, struct

import numpy as np

MAGIC, VERSION = b"ASSAYMDL", 2


def text(value):
    data = value.encode()
    return struct.pack("<I", len(data)) + data


def floats(values):
    return np.asarray(values, "<f4").tobytes()


def not_above(threshold):
    """The largest f32 that is not above the f64: `x <= t` then answers the same for every f32 x."""
    single = np.float32(threshold)
    return single if float(single) <= threshold else np.nextafter(single, np.float32(-np.inf))


def tree(structure):
    """A LightGBM tree as splits and leaves; splits in the order in which they were made."""
    splits, leaves = {}, {}

    def child(node):
        if "leaf_value" in node:
            leaves[node.get("leaf_index", 0)] = node["leaf_value"]
            return -1 - node.get("leaf_index", 0)
        if node["decision_type"] != "<=":
            raise ValueError(node["decision_type"])
        splits[node["split_index"]] = (node["split_feature"], not_above(node["threshold"]),
                                       child(node["left_child"]), child(node["right_child"]))
        return node["split_index"]

    child(structure)
    out = struct.pack("<H", len(splits))
    for index in range(len(splits)):
        out += struct.pack("<Hfhh", *splits[index])
    return out + floats([leaves[i] for i in range(len(leaves))])


def part(*, feature_set, clip, mean, deviation, weight, bias, shares, trees=()):
    """What the model makes of one set of features; `shares` of the linear logit and of the trees' sum."""
    out = text(feature_set) + struct.pack("<If", len(mean), clip) + floats(mean) + floats(deviation) + floats(weight)
    out += struct.pack("<fff", bias, *shares) + struct.pack("<I", len(trees))
    return out + b"".join(tree(t["tree_structure"]) for t in trees)


def write(path, *, trained_on, parts, states):
    """`states`: for lossless, high quality, low quality: (slope, offset, low, high, authentic logits)."""
    out = MAGIC + struct.pack("<I", VERSION) + text(trained_on) + struct.pack("<I", len(parts)) + b"".join(parts)
    for slope, offset, low, high, authentic in states:
        out += struct.pack("<Bdddd", 0, slope, offset, low, high)
        out += struct.pack("<I", len(authentic)) + floats(np.sort(authentic))
    out += hashlib.sha256(out).digest()
    open(path, "wb").write(out)
    return hashlib.sha256(out).hexdigest()
