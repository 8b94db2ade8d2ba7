@tool
class_name MadeCharacter
extends RefCounted
## A character made of a few boxes, skinned to three bones.

const USUAL: Array[String] = ["Hips", "Spine", "Head"]
const ODD: Array[String] = ["bone.a", "bone.b", "bone.c"]
const BONE_LENGTH := 0.5


## A skeleton with a mesh; its bones have usual names, or ones that nobody knows.
static func make(with_usual_names: bool) -> Skeleton3D:
	var skeleton := Skeleton3D.new()
	for bone in USUAL.size():
		skeleton.add_bone((USUAL if with_usual_names else ODD)[bone])
		skeleton.set_bone_parent(bone, bone - 1)
		skeleton.set_bone_rest(bone, Transform3D(Basis.IDENTITY, Vector3(0.0, BONE_LENGTH if bone > 0 else 0.2, 0.0)))
		skeleton.reset_bone_pose(bone)
	var body := MeshInstance3D.new()
	body.name = "Body"
	body.mesh = _mesh()
	body.skin = skeleton.create_skin_from_rest_transforms()
	skeleton.add_child(body)
	body.skeleton = NodePath("..")
	return skeleton


static func _mesh() -> ArrayMesh:
	var tool := SurfaceTool.new()
	tool.begin(Mesh.PRIMITIVE_TRIANGLES)
	for bone in USUAL.size():
		var box := BoxMesh.new()
		box.size = Vector3(0.3, BONE_LENGTH * 0.9, 0.2)
		var arrays := box.get_mesh_arrays()
		for index: int in arrays[Mesh.ARRAY_INDEX]:
			tool.set_bones([bone, 0, 0, 0])
			tool.set_weights([1.0, 0.0, 0.0, 0.0])
			tool.set_normal(arrays[Mesh.ARRAY_NORMAL][index])
			tool.add_vertex(arrays[Mesh.ARRAY_VERTEX][index] + Vector3(0.0, 0.2 + BONE_LENGTH * (bone + 0.5), 0.0))
	return tool.commit()
