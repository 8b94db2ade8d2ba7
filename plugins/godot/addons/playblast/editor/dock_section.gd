@tool
class_name PlayblastDockSection
extends VBoxContainer
## A part of the dock: a heading, and fields below it that line up.

## Something cannot be done; `message` says what to do.
@warning_ignore("unused_signal")
signal failed(message: String)

const LABEL_WIDTH := 88.0

var _grid: GridContainer


func _init() -> void:
	set_translation_domain(PlayblastTranslation.DOMAIN)


## Adds the heading.
func head(title: String) -> void:
	var label := Label.new()
	label.text = title
	label.theme_type_variation = &"HeaderSmall"
	add_child(label)


## Adds a control with its name before it.
func field(title: String, control: Control, tooltip := "") -> Label:
	if _grid == null:
		_grid = GridContainer.new()
		_grid.columns = 2
		add_child(_grid)
	var label := Label.new()
	label.text = title
	label.tooltip_text = tooltip
	label.mouse_filter = MOUSE_FILTER_STOP
	label.custom_minimum_size.x = LABEL_WIDTH * EditorInterface.get_editor_scale()
	control.tooltip_text = tooltip
	control.size_flags_horizontal = SIZE_EXPAND_FILL
	_grid.add_child(label)
	_grid.add_child(control)
	return label


## Adds controls side by side, as wide as one another. Fields after them line up anew.
func row(controls: Array[Control]) -> HBoxContainer:
	var box := HBoxContainer.new()
	for control in controls:
		control.size_flags_horizontal = SIZE_EXPAND_FILL
		# Names that do not fit are cut, so that the dock may be narrow.
		if control is Button:
			(control as Button).clip_text = true
			(control as Button).text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
		box.add_child(control)
	add_child(box)
	_grid = null
	return box


## An empty list whose entries are names of the user's, which are not translated and may be cut.
static func list() -> OptionButton:
	var button := OptionButton.new()
	button.auto_translate_mode = Node.AUTO_TRANSLATE_MODE_DISABLED
	button.fit_to_longest_item = false
	button.clip_text = true
	button.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	return button
