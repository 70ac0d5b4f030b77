-- Gives this session a name of its own, by which it is known again. $1: the name.
SELECT set_config('calltally.session', $1, false)
