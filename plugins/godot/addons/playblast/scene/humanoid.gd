@tool
class_name PlayblastHumanoid
extends RefCounted
## Names of bones in the humanoid profile that Godot and Unity share (SkeletonProfileHumanoid), found by their usual names.
##
## Knows the profile's own names, and those of Mixamo, VRM, Blender's Rigify, Unreal's mannequin and Character Studio's biped.

## Usual names by the profile's: without prefixes, separators and case; S stands for the side.
const USUAL := {
	"Root": ["root", "armature"],
	"Hips": ["hips", "hip", "pelvis"],
	"Spine": ["spine", "spine01"],
	"Chest": ["chest", "spine1", "spine02"],
	"UpperChest": ["upperchest", "spine2", "spine03"],
	"Neck": ["neck", "neck01"],
	"Head": ["head"],
	"Jaw": ["jaw"],
	"SEye": ["Seye", "eyeS"],
	"SShoulder": ["Sshoulder", "shoulderS", "clavicleS", "Sclavicle", "Scollar"],
	"SUpperArm": ["Supperarm", "upperarmS", "Sarm", "armS"],
	"SLowerArm": ["Slowerarm", "lowerarmS", "Sforearm", "forearmS"],
	"SHand": ["Shand", "handS", "Swrist"],
	"SUpperLeg": ["Supperleg", "upperlegS", "Supleg", "thighS", "Sthigh"],
	"SLowerLeg": ["Slowerleg", "lowerlegS", "Sleg", "calfS", "Scalf", "shinS", "Sshin"],
	"SFoot": ["Sfoot", "footS", "Sankle"],
	"SToes": ["Stoes", "toesS", "Stoebase", "toeS", "Stoe", "ballS"],
}
const SIDES := {"Left": ["left", "l"], "Right": ["right", "r"]}

static var _profile := SkeletonProfileHumanoid.new()
static var _by_usual: Dictionary[String, String] = {}


## The profile's name for each bone of a skeleton, or "" where it has none; each name is given once, to the first bone that fits.
static func map(skeleton: Skeleton3D) -> PackedStringArray:
	var names := PackedStringArray()
	for bone in skeleton.get_bone_count():
		var found := profile_name(skeleton.get_bone_name(bone))
		names.append(found if not found in names else "")
	return names


## The profile's name for a bone's, or "".
static func profile_name(bone: String) -> String:
	if _profile.find_bone(bone) >= 0:
		return bone
	if _by_usual.is_empty():
		_learn()
	return _by_usual.get(_plain(bone), "")


## Without prefixes such as "mixamorig:", "DEF-", "J_Bip_C_" or "Bip01 ", separators and case.
static func _plain(bone: String) -> String:
	var plain := bone.get_slice(":", bone.count(":")).to_lower()
	for prefix: String in ["mixamorig", "def-", "org-", "j_bip_c_", "j_bip_", "bip01", "bip001"]:
		plain = plain.trim_prefix(prefix)
	for separator: String in [" ", "_", "-", "."]:
		plain = plain.replace(separator, "")
	return plain


static func _learn() -> void:
	for name: String in USUAL:
		if not name.begins_with("S") or name == "Spine":
			for usual: String in USUAL[name]:
				_by_usual[usual] = name
			continue
		for side: String in SIDES:
			for usual: String in USUAL[name]:
				for word: String in SIDES[side]:
					_by_usual[usual.replace("S", word)] = side + name.substr(1)
