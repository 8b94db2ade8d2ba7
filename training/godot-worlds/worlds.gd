extends Node3D
## Random worlds for training: run it to look at one, or record a take of each of many.
##
## After `--`: `--first SEED` is the first world. `--playblast-record PREFIX` streams worlds to a server, which records them
## as PREFIX-SEED; with it, `--worlds N` says how many, `--ticks N` how long, `--server URL` where to.

const TICKS := 72


func _ready() -> void:
	var first := int(_option("--first", "0"))
	var prefix := _option("--playblast-record", "")
	if prefix != "":
		_record(prefix, first, int(_option("--worlds", "1")), int(_option("--ticks", str(TICKS))))
	else:
		_show(first)


func _show(world_seed: int) -> void:
	var world := World.new(world_seed)
	add_child(world)
	var tick := 0
	while true:
		world.pose_at(tick, tick / World.FRAME_RATE)
		await get_tree().create_timer(1.0 / World.FRAME_RATE).timeout
		tick = (tick + 1) % TICKS


## Records one take a world; a world that fails ends the run.
func _record(prefix: String, first: int, worlds: int, ticks: int) -> void:
	# The shot draws what it sends; the window need not.
	get_tree().root.disable_3d = true
	for world_seed in range(first, first + worlds):
		var started := Time.get_ticks_msec()
		var world := World.new(world_seed)
		add_child(world)
		var shot := PlayblastShot.new()
		shot.root = world
		shot.camera = world.camera
		shot.objects = world.movable
		shot.frame_rate = World.FRAME_RATE
		shot.ticks = ticks
		shot.address = _option("--server", shot.address)
		add_child(shot)
		var error := await shot.export_to("", world.pose_at, "%s-%d" % [prefix, world_seed])
		if error != "":
			printerr("world %d not recorded: %s" % [world_seed, error])
			get_tree().quit(1)
			return
		print("world %d: %d ticks, %.1f s" % [world_seed, ticks, (Time.get_ticks_msec() - started) / 1000.0])
		shot.free()
		world.free()
	get_tree().quit(0)


## What follows an option of the command line.
func _option(option: String, otherwise: String) -> String:
	var arguments := OS.get_cmdline_user_args()
	var at := arguments.find(option)
	return arguments[at + 1] if at >= 0 and at + 1 < arguments.size() else otherwise
