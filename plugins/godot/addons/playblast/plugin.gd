@tool
extends EditorPlugin
## The Playblast addon. Its nodes are global classes, so there is nothing to register yet: the editor dock comes later.
