-- How the files of a publication show phone numbers. What is published has
-- them whole, so that a masked export restates nothing.
ALTER TABLE calltally.publication
	ADD COLUMN phones text COLLATE "C" NOT NULL DEFAULT 'full'
		CHECK (phones IN ('full', 'masked', 'none'));
