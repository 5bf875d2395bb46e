// inline-edit
