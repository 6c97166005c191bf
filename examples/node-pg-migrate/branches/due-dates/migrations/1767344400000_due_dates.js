exports.up = (pgm) => pgm.addColumn('tasks', { due: 'date' });

exports.down = (pgm) => pgm.dropColumn('tasks', 'due');
