@tool
class_name PlayblastShotFinder
extends RefCounted
## Finds the PlayblastShot of a scene.


## The shot named `name` under `scene`, or the first one where that is empty; null where there is none.
static func find(scene: Node, name := "") -> PlayblastShot:
	for node in all(scene):
		if name == "" or node.name == name:
			return node
	return null


## All shots under `scene`.
static func all(scene: Node) -> Array[PlayblastShot]:
	var found: Array[PlayblastShot] = []
	var waiting: Array[Node] = [scene]
	while not waiting.is_empty():
		var node: Node = waiting.pop_back()
		if node is PlayblastShot:
			found.append(node)
		var children := node.get_children()
		children.reverse()
		waiting.append_array(children)
	return found
