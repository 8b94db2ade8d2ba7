@tool
class_name PlayblastTranslation
extends RefCounted
## The addon's own texts in the user's language, kept apart from the game's.
##
## A language is a file [code]locale/LANGUAGE.po[/code]; [code]locale/playblast.pot[/code] holds all texts to translate.

const DOMAIN := &"playblast"
const FOLDER := "locale"


## Loads the texts of a language such as "de"; English where there are none.
static func use(locale: String) -> void:
	var domain := TranslationServer.get_or_add_domain(DOMAIN)
	domain.clear()
	# Godot 4.4 asks the server for the language; from 4.5 on, a domain may have one of its own.
	if domain.has_method(&"set_locale_override"):
		domain.call(&"set_locale_override", locale)
	var folder := (PlayblastTranslation as Script).resource_path.get_base_dir().path_join(FOLDER)
	for language: String in [locale, locale.get_slice("_", 0)]:
		var path := folder.path_join(language + ".po")
		if ResourceLoader.exists(path):
			domain.add_translation(load(path))
			return


## Forgets all texts. The domain's name stays: the editor reads the list of domains from other threads too.
static func forget() -> void:
	TranslationServer.get_or_add_domain(DOMAIN).clear()

